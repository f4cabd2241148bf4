import CLinux
import Linux

/// One mounted hierarchy of cgroups, as a process sees it.
struct CgroupHierarchy: Equatable, Sendable {
  enum Version: Sendable {
    case one
    case two
  }

  let version: Version
  /// What it controls. Version 2 enables controllers folder by folder, so this is empty and the files that exist tell.
  let controllers: Set<CgroupController>
  let mountPoint: String
  /// The folder below which everything is made: the process's own cgroup, or the mount point.
  let base: String
}

extension CgroupHierarchy {
  /// The cgroup that the processes of a delegated cgroup of version 2 are moved to, because one that has processes cannot limit its children.
  static let outerName = "berth-outer"

  /// The hierarchies that a process (`self` or its ID) belongs to and that can be reached here, those of version 1 first.
  static func mounted(of process: String = "self") throws(CgroupError) -> [CgroupHierarchy] {
    do throws(SystemError) {
      let memberships = try ControlFile.read("/proc/\(process)/cgroup").split(separator: "\n").compactMap(Membership.init)
      let mounts = try FileSystem.read("/proc/thread-self/mountinfo").split(separator: UInt8(ascii: "\n")).compactMap(CgroupMount.init)
      let found = memberships.compactMap { membership in
        mounts.lazy.compactMap { CgroupHierarchy(membership, $0) }.first
      }
      return found.filter { $0.version == .one } + found.filter { $0.version == .two }
    } catch { throw CgroupError(error) }
  }

  private init?(_ membership: Membership, _ mount: CgroupMount) {
    switch mount.version {
    case .two:
      guard membership.names.isEmpty else { return nil }
      version = .two
      controllers = []
    case .one:
      // The kernel writes the controllers of a hierarchy in the same words among the mount's options.
      guard !membership.names.isEmpty, membership.names.allSatisfy(mount.options.contains) else { return nil }
      version = .one
      controllers = Set(membership.names.compactMap { CgroupController(name: $0) })
    }
    guard let inside = mount.path(of: membership.path) else { return nil }
    mountPoint = mount.point
    var path = inside == "/" ? mount.point : mount.point + inside
    if version == .two, path.hasSuffix("/\(CgroupHierarchy.outerName)") { path.removeLast(CgroupHierarchy.outerName.utf8.count + 1) }
    base = path
    guard CgroupHierarchy.isCgroup(path, version) else { return nil }
  }

  /// Whether the path really leads to a cgroup: a mount point may be hidden by another mount.
  private static func isCgroup(_ path: String, _ version: Version) -> Bool {
    let magic = version == .one ? CGROUP_SUPER_MAGIC : CGROUP2_SUPER_MAGIC
    return (try? Folder(path).fileSystemType().rawValue) == UInt64(magic)
  }
}

/// A line of `/proc/PID/cgroup`: `4:memory:/a/b`, or `0::/a/b` of version 2.
private struct Membership {
  let names: [String]
  let path: String

  init?(_ line: Substring) {
    let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3 else { return nil }
    names = fields[1].split(separator: ",").map(String.init)
    path = String(fields[2])
  }
}
