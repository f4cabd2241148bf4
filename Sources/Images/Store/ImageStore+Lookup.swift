internal import Glibc
internal import JSON
internal import Linux

extension ImageStore {
  /// The image with that name, ID, or unambiguous start of an ID. The error for an unknown one names near matches.
  public func image(named name: String) throws -> Image {
    let index = try index()
    guard let id = try find(name, in: index) else { throw unknown(name, in: index) }
    return try image(id, index)
  }

  /// All images, the youngest first.
  public func images() throws -> [Image] {
    try sweepLeftovers()
    let index = try index()
    return try index.images.map { try image($0, index) }.sorted { ($0.created, $0.id) > ($1.created, $1.id) }
  }

  /// What an image's layers take.
  public func size(of image: Image) throws -> Int64 {
    try layers.chains(of: image.differences).reduce(0) { try $0 + (layers.record($1)?.size ?? 0) }
  }

  /// What each of an image's layers takes, the lowest first.
  public func layerSizes(of image: Image) throws -> [Int64] {
    try layers.chains(of: image.differences).map { try layers.record($0)?.size ?? 0 }
  }

  func image(_ id: Digest, _ index: ImageIndex) throws -> Image {
    let file = try configuration(id)
    return Image(
      id: id.description, names: index.names(of: id), digests: index.manifests(of: id),
      layerFolders: layers.chains(of: file.differences).reversed().map(layers.files), configuration: file.configuration, file: file.object,
      differences: file.differences)
  }

  /// The ID that a name, an ID or the start of an ID leads to; nil if there is none.
  func find(_ name: String, in index: ImageIndex) throws -> Digest? {
    if let id = Digest(name) ?? Digest(hex: name) { return index.images.contains(id) ? id : nil }
    let reference = Result { try ImageReference(name).tagged }
    if case .success(let reference) = reference, let id = find(reference, in: index) { return id }
    let prefix = name.hasPrefix("sha256:") ? String(name.dropFirst(7)) : name
    guard !prefix.isEmpty, prefix.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
      _ = try reference.get()
      return nil
    }
    let found = index.images.filter { $0.hex.hasPrefix(prefix) }
    if found.count > 1 { throw ImageError(.invalid, "the ID '\(name)' is ambiguous: \(found.count) images begin with it") }
    return found.first
  }

  private func find(_ reference: ImageReference, in index: ImageIndex) -> Digest? {
    guard let digest = reference.digest else { return index.names[reference.canonical] }
    let plain = ImageReference(domain: reference.domain, path: reference.path, tag: nil, digest: digest)
    if let id = index.manifests[plain.canonical] { return id }
    // `name@ID` too, if the image has the name.
    return Digest(digest).flatMap { id in
      index.names.contains { $0.value == id && (try? ImageReference($0.key).familiarName) == reference.familiarName } ? id : nil
    }
  }

  func unknown(_ name: String, in index: ImageIndex) -> ImageError {
    let wanted = (try? ImageReference(name).tagged), text = wanted?.description ?? name
    let names = index.names.keys.compactMap { try? ImageReference($0) }
    var near = names.filter { $0.familiarName == wanted?.familiarName }.map(\.description).sorted()
    if near.isEmpty { near = nearMatches(text, names.map(\.description).sorted()) }
    if near.isEmpty, let wanted {
      let repositories = nearMatches(wanted.familiarName, Set(names.map(\.familiarName)).sorted())
      near = names.filter { repositories.contains($0.familiarName) }.map(\.description).sorted()
    }
    let hint = near.isEmpty ? "" : ": did you mean \(near.prefix(3).joined(separator: " or "))?"
    return ImageError(.unknownImage, "Unable to find image '\(text)' locally\(hint)")
  }
}
