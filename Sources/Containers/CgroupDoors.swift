import Linux

/// The open files through which a process gets into its cgroups.
final class CgroupDoors {
  private var folder: Int32 = -1
  private var tasks: [Int32] = []

  /// Opens a folder of cgroup v2, for CLONE_INTO_CGROUP, and the `tasks` files of version 1.
  init(_ folders: [String]) throws(ContainerError) {
    for path in folders {
      do {
        switch CgroupVersion(folder: path) {
        case .two: folder = try OwnedFile(path, flags: [.folder]).release()
        case .one: tasks.append(try OwnedFile("\(path)/tasks", flags: [.writeOnly]).release())
        }
      } catch { throw .failed(error) }
    }
  }

  deinit {
    for descriptor in tasks { _ = OwnedFile(adopting: descriptor) }
    if folder >= 0 { _ = OwnedFile(adopting: folder) }
  }

  /// For the init's structure.
  func lowered(into arena: Arena) -> (folder: Int32, tasks: UnsafePointer<Int32>, count: Int32) {
    (folder, UnsafePointer(arena.list(tasks)), Int32(tasks.count))
  }
}
