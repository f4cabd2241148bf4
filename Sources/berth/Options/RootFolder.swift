internal import Engine
internal import Glibc
internal import Linux

/// The folder that `--rootfs` names.
enum RootFolder {
  /// Its whole path, without symbolic links.
  static func absolute(_ path: String) throws -> String {
    guard FileSystem.isFolder(path), let whole = realpath(path, nil) else {
      throw EngineError("--rootfs \(path): no such folder", exitCode: 125)
    }
    defer { free(whole) }
    return String(cString: whole)
  }
}
