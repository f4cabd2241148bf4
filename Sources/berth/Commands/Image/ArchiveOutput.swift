internal import Engine
internal import Glibc
internal import Linux

/// Where `save` and `export` write: the standard output, or the file that `-o` names.
enum ArchiveOutput {
  /// Calls `body` with a descriptor to write to. A file appears when it is whole; what is no file, such as a pipe, is written into.
  static func write(to path: String?, _ body: (Int32) throws -> Void) throws {
    guard let path, path != "-" else {
      if LocalTerminal.isTerminal(STDOUT_FILENO) {
        throw EngineError("cowardly refusing to save to a terminal. Use the -o flag or redirect")
      }
      return try body(STDOUT_FILENO)
    }
    if FileSystem.isFolder(path) { throw EngineError("invalid output path: \"\(path)\" must be a file, not a directory") }
    if FileSystem.exists(path), !isFile(path) { return try body(OwnedFile(path, flags: .writeOnly).descriptor) }
    let partial = "\(path).\(getpid()).partial"
    do {
      let file = try OwnedFile(partial, flags: [.writeOnly, .create, .exclusive], mode: 0o600)
      try body(file.descriptor)
      try FileSystem.move(partial, to: path)
    } catch {
      unlink(partial)
      throw error
    }
  }

  private static func isFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }
}
