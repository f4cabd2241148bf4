/// One mounted hierarchy of cgroups, as the calling process sees it.
struct CgroupHierarchy: Equatable, Sendable {
  enum Version: Sendable {
    case one
    case two
  }

  let version: Version
  /// What it controls; for version 2, what the kernel offers below `base`.
  let controllers: Set<CgroupController>
  /// Where it is mounted.
  let mountPoint: String
  /// The folder of the process that asked: everything is made below it.
  let base: String
}
