internal import Glibc
internal import Linux

extension ContainerRoot {
  /// Copies what a folder of the container holds into an empty folder of the machine, which gets its owner and mode as well: what docker does
  /// with a new volume. Does nothing if there is no folder at the path.
  public func fill(_ folder: String, from path: String) throws {
    guard let source = try openFolder(path) else { return }
    var status = stat()
    guard fstat(source.descriptor, &status) == 0 else { throw SystemError(.last, "look at \(path)") }
    let spool = try Spool.archive { try TreePacker($0, .plain).addContent(of: source) }
    let target = try OwnedFile(folder, flags: [.place, .folder])
    let writer = TreeWriter(try OwnedFile(".", in: target, flags: [.place, .folder]), links: .beneath)
    let reader = try ArchiveReader(spool, .tar)
    while let entry = try reader.next() { try writer.write(entry, at: EntryPath(entry.name()), data: reader) }
    try writer.finish()
    try FileAttributes(status).apply(to: target.descriptor, isLink: false, setsTime: false)
  }

  private func openFolder(_ path: String) throws -> OwnedFile? {
    do { return try OwnedFile("./\(path)", in: file, scope: .inRoot, flags: [.readOnly, .folder]) } catch {
      if error.code == .noEntry || error.code == .notDirectory { return nil }
      throw SystemError(error.code, "open \(path)")
    }
  }
}
