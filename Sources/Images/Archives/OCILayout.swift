internal import JSON
internal import Linux

/// The images of an OCI image layout: image-layout.md of the specification.
struct OCILayout {
  /// Indexes in indexes deeper than this are refused.
  private static let maximumDepth = 4
  private static let maximumManifest = 4 << 20

  let place: any BlobPlace

  /// The images, each for the platform that runs here; nil if there is no `index.json`.
  func images() throws -> [ArchivedImage]? {
    guard let content = try place.content("index.json", limit: OCILayout.maximumManifest) else { return nil }
    if let version = try place.content("oci-layout", limit: 4096) {
      let version = try JSONText.object(version).text("imageLayoutVersion")
      guard version.hasPrefix("1.") else {
        throw ImageError(.badArchive, "oci-layout: imageLayoutVersion: expected 1.0.0, found '\(version)'")
      }
    }
    let descriptors = try manifests(content, "index.json")
    // Descriptors of one name are one image for different platforms.
    var groups: [(name: String?, descriptors: [Descriptor])] = []
    for descriptor in descriptors {
      let name = descriptor.annotations["io.containerd.image.name"] ?? descriptor.annotations["org.opencontainers.image.ref.name"]
      if let group = groups.firstIndex(where: { $0.name == name && (name != nil || descriptor.platform != nil) }) {
        groups[group].descriptors.append(descriptor)
      } else {
        groups.append((name, [descriptor]))
      }
    }
    return try groups.map { group in
      let chosen = try choose(group.descriptors, depth: 0)
      return try image(chosen, names: group.name.flatMap(name).map { [$0] } ?? [])
    }
  }

  /// The descriptor of the manifest that fits this machine best.
  private func choose(_ descriptors: [Descriptor], depth: Int) throws -> Descriptor {
    guard depth <= OCILayout.maximumDepth else {
      throw ImageError(.badArchive, "indexes refer to indexes more than \(OCILayout.maximumDepth) deep")
    }
    // Attestations are for the platform "unknown".
    let candidates = descriptors.filter { $0.platform != "unknown/unknown" }
    let rated = candidates.map { (fit: $0.platform.map(Platform.fit) ?? ($0.isIndex ? 1 : candidates.count == 1 ? 1 : 0), descriptor: $0) }
    guard let best = rated.max(by: { $0.fit < $1.fit }), best.fit > 0 else {
      let found = candidates.map { $0.platform ?? "an unnamed platform" }.joined(separator: ", ")
      throw ImageError(.badArchive, "no image for \(Platform.current); there are: \(found.isEmpty ? "none" : found)")
    }
    guard best.descriptor.isIndex else { return best.descriptor }
    return try choose(manifests(content(best.descriptor, "the index"), "index \(best.descriptor.digest)"), depth: depth + 1)
  }

  private func manifests(_ content: [UInt8], _ name: String) throws -> [Descriptor] {
    do {
      return try JSONText.array(JSONText.object(content).present("manifests") ?? [], "manifests").map { try Descriptor($0, "manifests") }
    } catch { throw ImageError(.badArchive, "\(name): \(error)") }
  }

  private func image(_ descriptor: Descriptor, names: [ImageReference]) throws -> ArchivedImage {
    guard descriptor.isManifest else {
      throw ImageError(.badArchive, "manifest \(descriptor.digest) is of the type '\(descriptor.mediaType)', which is no image manifest")
    }
    let title = "manifest \(descriptor.digest)"
    let object: JSONObject
    do { object = try JSONText.object(content(descriptor, "manifest")) } catch let error as JSONError {
      throw ImageError(.badArchive, "\(title): \(error)")
    }
    guard let value = object.present("config") else { throw ImageError(.badArchive, "\(title): config is missing") }
    let config = try Descriptor(value, "\(title): config")
    guard config.mediaType.hasSuffix("image.config.v1+json") || config.mediaType.hasSuffix("container.image.v1+json") else {
      throw ImageError(.badArchive, "\(title) is no image: its config is of the type '\(config.mediaType)'")
    }
    let layers = try JSONText.array(object.present("layers") ?? [], "\(title): layers").map { value in
      let layer = try Descriptor(value, "\(title): layers")
      return ArchivedImage.Layer(name: "\(layer.digest)", path: layer.path, digest: layer.digest, size: layer.size)
    }
    return try ArchivedImage(
      configuration: ConfigurationFile(content(config, "configuration"), name: "configuration \(config.digest)"), layers: layers,
      names: names, manifest: descriptor.digest)
  }

  /// A small blob, verified.
  private func content(_ descriptor: Descriptor, _ kind: String) throws -> [UInt8] {
    guard descriptor.size <= OCILayout.maximumManifest else {
      throw ImageError(
        .badArchive, "\(kind) \(descriptor.digest) has \(descriptor.size) bytes; expected at most \(OCILayout.maximumManifest)")
    }
    guard let blob = try place.open(descriptor.path) else {
      throw ImageError(.badArchive, "\(kind): there is no file '\(descriptor.path)'")
    }
    let source = VerifiedSource(blob, digest: descriptor.digest, size: descriptor.size, name: "\(kind) \(descriptor.path)")
    let content = try source.content(limit: OCILayout.maximumManifest) ?? []
    try source.verify()
    return content
  }

  /// The image's name: the annotation as it is if it is a whole name, else a tag of what the archive or the folder is called.
  private func name(_ annotation: String) -> ImageReference? {
    if annotation.contains("/") || annotation.contains(":") { return try? ImageReference(annotation).tagged }
    let file = place.name.split(separator: "/").last.map(String.init) ?? ""
    let repository = file.lowercased().prefix { $0 != "." }
    return try? ImageReference("\(repository):\(annotation)")
  }
}
