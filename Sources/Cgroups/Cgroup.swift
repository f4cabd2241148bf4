/// A container's cgroup: one folder in each mounted hierarchy that has something to limit or to count.
///
/// A process of version 1 joins best by itself while it has a single thread: writing `0` to a file named `tasks` takes 30 µs, any write to
/// `cgroup.procs` waits 5–20 ms for an RCU grace period. In version 2 the process is born there, by `CLONE_INTO_CGROUP` of clone3(2).
/// A cgroup namespace is unshared only after both, so that it shows the container's cgroup as its root.
public struct Cgroup: Equatable, Sendable {
  /// All folders, absolute paths; to be kept with the container, and given to `init(folders:)` by later commands. Empty if this user may
  /// make none.
  public let folders: [String]
  /// The hierarchies the folders lie in, in the same order.
  let hierarchies: [CgroupHierarchy]

  init(folders: [String], hierarchies: [CgroupHierarchy]) {
    self.folders = folders
    self.hierarchies = hierarchies
  }

  /// The files of version 1 in each of which the container's first process, and every process that enters later, writes `0` for itself.
  public var taskFiles: [String] { zip(folders, hierarchies).filter { $1.version == .one }.map { "\($0.0)/tasks" } }

  /// The folder of version 2, opened with O_PATH or O_RDONLY for `CLONE_INTO_CGROUP`. On a machine with both versions it exists besides
  /// `taskFiles`.
  public var unifiedFolder: String? { zip(folders, hierarchies).first { $1.version == .two }?.0 }
}
