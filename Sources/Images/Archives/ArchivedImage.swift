/// One image of an archive, found and ready to be unpacked.
struct ArchivedImage {
  /// One layer's archive, still closed.
  struct Layer {
    /// What messages call it.
    let name: String
    let path: String
    /// Of the archive as it is, perhaps compressed, if that is known.
    let digest: Digest?
    let size: Int64?
  }

  let configuration: ConfigurationFile
  let layers: [Layer]
  let names: [ImageReference]
  /// Of the manifest it came with.
  let manifest: Digest?

  init(configuration: ConfigurationFile, layers: [Layer], names: [ImageReference], manifest: Digest?) throws {
    guard configuration.differences.count == layers.count else {
      throw ImageError(
        .badArchive, "the manifest has \(layers.count) layers, and the image's configuration \(configuration.differences.count)")
    }
    self.configuration = configuration
    self.layers = layers
    self.names = names
    self.manifest = manifest
  }
}
