import Glibc

/// Tells that a file has changed or another one has come under its name, inotify(7).
public struct FileWatch: ~Copyable {
  private let file: OwnedFile

  /// Watches a file, which need not exist, and the folder it lies in.
  public init(_ path: String) throws(SystemError) {
    let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    let failure = Errno.last
    file = OwnedFile(adopting: descriptor)
    guard descriptor >= 0 else { throw SystemError(failure, "watch \(path)") }
    let (folder, _) = FileSystem.split(path)
    let mask = UInt32(IN_MODIFY) | UInt32(IN_CREATE) | UInt32(IN_MOVED_TO) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM)
    guard unsafe inotify_add_watch(file.descriptor, folder, mask) >= 0 else { throw SystemError(.last, "watch \(folder)") }
  }

  /// For poll(2).
  public var descriptor: Int32 { file.descriptor }

  /// Takes what has been told, so that the descriptor tells of the next change.
  public func acknowledge() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    // The buffer is as long as the count says.
    while unsafe read(file.descriptor, &buffer, buffer.count) > 0 {}
  }
}
