internal import CLinux
internal import Glibc
internal import Linux

/// Unpacks a layer's tar archive into an empty folder, in the form that overlayfs stacks: whiteouts become devices 0:0 and marks of opaque folders.
///
/// Whiteouts are those of the OCI image specification, layer.md: `.wh.NAME` hides NAME in the layers below, `.wh..wh..opq` everything in its folder.
final class LayerUnpacker {
  private let folder: String
  private let writer: TreeWriter
  private let assembly: AssemblyRecorder
  /// What the layer's files take, each content once.
  private(set) var size: Int64 = 0

  /// `lower` are the layers below, the topmost first. What is needed to put the archive together again is told to `assembly`.
  init(folder: String, lower: [String], assembly: AssemblyRecorder) throws {
    self.folder = folder
    self.assembly = assembly
    writer = TreeWriter(try OwnedFile(folder, flags: [.place, .folder]), links: .beneath, lower: lower)
    writer.willReplace = { (name, folder, status, _) in try assembly.willReplace(name, in: folder, status) }
    writer.didReplaceByFolder = { (status, made) in
      // The folder below stays hidden.
      if OverlayMark.isWhiteout(status) { try LayerUnpacker.makeOpaque(made) }
    }
  }

  /// Unpacks a whole archive. An error names the entry.
  func unpack(_ source: any ByteSource) throws {
    let reader = try ArchiveReader(source, .tar)
    while let entry = try reader.next() {
      let name = try entry.name()
      do { try unpack(entry, name, reader) } catch {
        throw (error as? ImageError).map { ImageError(.badArchive, "entry '\(name)': \($0.description)") }
          ?? SystemErrors.naming(name, error)
      }
    }
    try writer.finish()
  }

  private func unpack(_ entry: ArchiveEntry, _ name: String, _ reader: ArchiveReader) throws {
    let path = try EntryPath(name)
    // Of a sparse file the archive has no content as such.
    let holdsContent = entry.kind == .file && entry.size > 0 && !entry.isSparse
    // AUFS kept its own files in the archives of old.
    if path.name != ".wh..wh..opq", path.names.contains(where: { $0.hasPrefix(".wh..wh.") }) {
      if holdsContent { try assembly.skip(reader, size: entry.size) }
      return
    }
    if path.folder.names.contains(where: { $0.hasPrefix(".wh.") }) { throw ImageError(.badArchive, "it is below a whiteout") }
    if path.name.hasPrefix(".wh.") {
      if holdsContent { try assembly.skip(reader, size: entry.size) }
      return try hide(path)
    }
    try writer.write(entry, at: path, data: reader)
    if holdsContent { try assembly.wrote(path, size: entry.size, in: writer.folder(path.folder)) }
    if entry.kind == .file { size += entry.size }
  }

  private func hide(_ path: EntryPath) throws {
    let folder = try writer.folder(path.folder)
    if path.name == ".wh..wh..opq" { return try LayerUnpacker.makeOpaque(folder) }
    let hidden = String(path.name.dropFirst(4))
    guard !["", ".", ".."].contains(hidden) else { throw ImageError(.badArchive, "it is a whiteout of nothing") }
    if mknodat(folder, hidden, S_IFCHR, 0) == 0 { return }
    guard Errno.last == .exists else { throw SystemError(.last, "create the whiteout of '\(hidden)'") }
    // The layer has something of its own there: a file hides what is below anyway, a folder must be told to.
    let descriptor = clinux_open(folder, hidden, OpenFlags.place.rawValue | OpenFlags.noFollow.rawValue | OpenFlags.folder.rawValue, 0)
    if descriptor < 0 { return }
    let own = OwnedFile(adopting: descriptor)
    try LayerUnpacker.makeOpaque(own.descriptor)
  }

  private static func makeOpaque(_ folder: Int32) throws {
    try FileAttributes.set(OverlayMark.current.opaque, Array("y".utf8), of: folder)
  }
}
