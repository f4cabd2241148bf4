internal import Glibc
internal import Linux

/// Archives on their way from one place to another, in a file that nobody sees and that goes with its descriptor.
enum Spool {
  /// What `write` puts into an archive, to be read from its start.
  static func archive(in folder: String = "/var/tmp", _ write: (ArchiveWriter) throws -> Void) throws -> FileSource {
    let file = try OwnedFile(folder, flags: [.readWrite, .unnamed], mode: 0o600)
    let copy = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw SystemError(.last, "write an archive") }
    let writer = try ArchiveWriter(tar: OwnedFile(adopting: copy))
    try write(writer)
    try writer.finish()
    guard lseek(file.descriptor, 0, SEEK_SET) == 0 else { throw SystemError(.last, "read an archive") }
    return FileSource(file)
  }
}
