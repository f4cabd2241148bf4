import Glibc

/// The two generations of cgroups, cgroups(7).
enum CgroupVersion {
  /// A hierarchy for each controller.
  case one
  /// One hierarchy for all.
  case two

  /// The generation of the hierarchy that a folder lies in: only the second has `cgroup.controllers`.
  init(folder: String) { self = access("\(folder)/cgroup.controllers", F_OK) == 0 ? .two : .one }
}
