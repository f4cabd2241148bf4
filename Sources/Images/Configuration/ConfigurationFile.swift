internal import JSON

/// An image's configuration file (OCI image specification, config.md; docker's is the same): the bytes whose digest is the image's ID.
struct ConfigurationFile {
  /// Layers more than docker stacks are refused.
  static let maximumLayers = 127
  static let maximumSize = 8 << 20

  let bytes: [UInt8]
  let object: JSONObject
  /// The digests of the layers' archives, the lowest first.
  let differences: [Digest]
  let configuration: ImageConfiguration

  var id: Digest { Digest(of: bytes) }

  /// Reads a file; `name` is what messages call it.
  init(_ bytes: [UInt8], name: String) throws {
    self.bytes = bytes
    do {
      object = try JSONText.object(bytes)
      let system = try object.text("os")
      guard system.isEmpty || system == "linux" else { throw ImageError(.badArchive, "os: expected linux, found '\(system)'") }
      differences = try (object.object("rootfs")?.texts("diff_ids") ?? []).map { text in
        guard let digest = Digest(text) else { throw ImageError(.badArchive, "diff_ids: expected sha256: and 64 digits, found '\(text)'") }
        return digest
      }
      guard differences.count <= ConfigurationFile.maximumLayers else {
        throw ImageError(.badArchive, "\(differences.count) layers are more than \(ConfigurationFile.maximumLayers)")
      }
      configuration = try ImageConfiguration(object.object("config") ?? JSONObject())
    } catch { throw ImageError(.badArchive, "\(name): \(error)") }
  }
}
