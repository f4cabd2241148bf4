internal import Engine
internal import Glibc
internal import Linux

/// The file that `--cidfile` names.
enum CIDFile {
  /// Fails if there is such a file already.
  static func check(_ path: String) throws {
    if access(path, F_OK) == 0 {
      throw EngineError("container ID file found, make sure the other container isn't running or delete \(path)", exitCode: 125)
    }
  }

  /// Writes the ID, without a line feed as docker does.
  static func write(_ id: String, to path: String) throws { try FileSystem.create(path, content: Array(id.utf8)) }
}
