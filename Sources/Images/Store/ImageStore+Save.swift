internal import Glibc
internal import JSON
internal import Linux

extension ImageStore {
  /// Writes images to a descriptor as one archive. Its layers are, byte for byte, those that were loaded.
  public func save(_ names: [String], as format: ArchiveFormat, to descriptor: Int32) throws {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw SystemError(.last, "write an archive") }
    let output = try ArchiveWriter(tar: OwnedFile(adopting: copy))
    try using {
      let images = try chosen(names)
      switch format {
      case .docker: try DockerArchiveWriter(output: output, layers: layers).write(images)
      case .oci: try OCIArchiveWriter(output: output, layers: layers).write(images)
      }
    }
    try output.finish()
  }

  /// Each image once, with the names that it was asked for by; by its ID it has all of its names.
  private func chosen(_ names: [String]) throws -> [SavedImage] {
    let index = try index()
    var images: [SavedImage] = []
    for name in names {
      guard let id = try find(name, in: index) else { throw ImageStore.missing(unknown(name, in: index)) }
      let reference = (try? ImageReference(name).tagged).flatMap { index.names[$0.canonical] == id ? [$0] : nil }
      let isID = Digest(name) != nil || id.hex.hasPrefix(name)
      let wanted = try reference ?? (isID ? [] : index.names.filter { $0.value == id }.keys.sorted().map { try ImageReference($0) })
      if let position = images.firstIndex(where: { $0.file.id == id }) {
        images[position].names += wanted.filter { !images[position].names.contains($0) }
      } else {
        images.append(SavedImage(file: try configuration(id), names: wanted))
      }
    }
    return images
  }
}
