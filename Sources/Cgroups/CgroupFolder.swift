import Glibc
import Linux

/// A cgroup's folder and those below it.
enum CgroupFolder {
  /// The names of the cgroups directly below; none if there is no such folder.
  static func children(of path: String) -> [String] {
    // A cgroup that goes while it is looked at has no children any more.
    guard let names = try? FileSystem.names(in: path) else { return [] }
    // Control files have a dot and no folder's link count; asking the kernel is the only way that holds for every name.
    return names.filter { FileSystem.isFolder("\(path)/\($0)") }
  }

  /// The folder itself and all below it, children before their parents.
  static func tree(_ path: String) -> [String] { children(of: path).flatMap { tree("\(path)/\($0)") } + [path] }

  /// The processes directly in it; none if it has gone, or if it is threaded and its parent tells.
  static func processes(in path: String) throws(SystemError) -> [Int32] {
    do { return try ControlFile.read("\(path)/cgroup.procs").split(separator: "\n").compactMap { Int32($0) } } catch {
      if [.noEntry, .noDevice, .notSupported].contains(error.code) { return [] }
      throw error
    }
  }
}
