internal import Linux

extension LayerStore {
  /// Writes a layer's archive as a member of another: the very bytes that were unpacked, which is verified.
  func write(_ chain: Digest, as path: String, to output: ArchiveWriter) throws {
    guard let record = try record(chain) else { throw ImageError(.badArchive, "the layer \(chain) is missing from \(self.path)") }
    let place = place(chain)
    guard let archive = try AssembledSource(layer: place) else {
      throw ImageError(
        .badArchive, "the layer \(chain) has no record of its archive, because that one had entries that make no sense together")
    }
    let source = VerifiedSource(archive, digest: record.difference, size: record.archiveSize, name: "the layer in \(place), as it is now,")
    try output.add(path, size: record.archiveSize, from: source)
    try source.verify()
  }
}
