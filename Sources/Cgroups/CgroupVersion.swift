/// The version of cgroups whose controllers this machine uses: for `berth info`.
public enum CgroupVersion: String, Sendable {
  case one = "1"
  case two = "2"

  /// Version 1 if a hierarchy of it has controllers; nil if no cgroups are mounted.
  public static func current() throws(CgroupError) -> CgroupVersion? {
    let mounted = try CgroupHierarchy.mounted()
    if mounted.contains(where: { $0.version == .one && !$0.controllers.isEmpty }) { return .one }
    return mounted.contains { $0.version == .two } ? .two : nil
  }
}
