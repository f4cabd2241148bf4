import Glibc

extension FileSystem {
  /// Gives a file another name in one step; a file that has that name already is replaced.
  public static func move(_ path: String, to newPath: String) throws(SystemError) {
    guard unsafe Glibc.rename(path, newPath) == 0 else { throw SystemError(.last, "rename \(path) to \(newPath)") }
  }

  /// Whether a file could be created in the folder, or in the folder that it would first have to be created in.
  public static func isWritable(folder path: String) -> Bool {
    if unsafe access(path, W_OK | X_OK) == 0 { return isFolder(path) }
    guard Errno.last == .noEntry else { return false }
    let (parent, _) = split(path)
    return parent != path && isWritable(folder: parent)
  }
}
