internal import JSON

/// The images of an archive as `docker save` writes it: a `manifest.json` that names configurations, layers and tags.
struct DockerArchive {
  static let manifest = "manifest.json"

  let place: any BlobPlace

  /// The images; nil if there is no `manifest.json`.
  func images() throws -> [ArchivedImage]? {
    guard let content = try place.content(DockerArchive.manifest, limit: 4 << 20) else { return nil }
    let entries: [JSONValue]
    do { entries = try JSONText.array(JSONValue(parsing: content), "the document") } catch {
      throw ImageError(.badArchive, "manifest.json: \(error)")
    }
    // skopeo's `dir:` has a file of the same name.
    return try entries.map { try image(JSONText.object($0, "manifest.json")) }
  }

  private func image(_ entry: JSONObject) throws -> ArchivedImage {
    let path = try entry.text("Config")
    guard !path.isEmpty else { throw ImageError(.badArchive, "manifest.json: Config is missing") }
    guard let bytes = try place.content(path, limit: ConfigurationFile.maximumSize) else {
      throw ImageError(.badArchive, "manifest.json: Config: there is no file '\(path)'")
    }
    let configuration = try ConfigurationFile(bytes, name: path)
    if let digest = digest(inName: path), digest != configuration.id {
      throw ImageError(.badArchive, "the configuration \(path) has the digest \(configuration.id)")
    }
    let layers = try entry.texts("Layers").map { path in
      ArchivedImage.Layer(name: path, path: path, digest: path.hasPrefix("blobs/") ? digest(inName: path) : nil, size: nil)
    }
    return try ArchivedImage(configuration: configuration, layers: layers, names: entry.texts("RepoTags").map(name), manifest: nil)
  }

  private func name(_ text: String) throws -> ImageReference {
    do { return try ImageReference(text).tagged } catch { throw ImageError(.badArchive, "manifest.json: RepoTags: \(error)") }
  }

  /// The digest that a file's name promises: `HEX.json`, `blobs/sha256/HEX`.
  private func digest(inName path: String) -> Digest? {
    Digest(hex: String((path.split(separator: "/").last ?? "").prefix { $0 != "." }))
  }
}
