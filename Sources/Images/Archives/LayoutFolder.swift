internal import Linux

/// An OCI image layout, or an unpacked docker archive, in a folder. No symbolic link in it leads out.
final class LayoutFolder: BlobPlace {
  let name: String
  private let folder: OwnedFile

  init(_ path: String) throws {
    name = path
    folder = try OwnedFile(path, flags: [.place, .folder])
  }

  func open(_ path: String) throws -> (any ByteSource)? {
    do { return FileSource(try OwnedFile(path, in: folder, scope: .beneath)) } catch {
      if error.code == .noEntry || error.code == .notDirectory { return nil }
      throw SystemError(error.code, "open \(name)/\(path)")
    }
  }
}
