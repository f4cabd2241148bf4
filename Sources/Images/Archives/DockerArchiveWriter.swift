internal import JSON

/// Writes what `docker load` reads: configurations, each layer once, `manifest.json`, and `repositories` for the oldest readers.
struct DockerArchiveWriter {
  let output: ArchiveWriter
  let layers: LayerStore

  func write(_ images: [SavedImage]) throws {
    var written: Set<Digest> = [], manifest: [JSONValue] = [], repositories: [String: [(String, JSONValue)]] = [:]
    for image in images {
      var paths: [JSONValue] = []
      for (chain, difference) in zip(layers.chains(of: image.file.differences), image.file.differences) {
        let path = "\(difference.hex)/layer.tar"
        paths.append(.string(path))
        if written.insert(difference).inserted { try layers.write(chain, as: path, to: output) }
      }
      let configuration = "\(image.file.id.hex).json"
      if written.insert(image.file.id).inserted { try output.add(configuration, content: image.file.bytes) }
      manifest.append([
        "Config": .string(configuration), "RepoTags": image.names.isEmpty ? .null : .array(image.names.map { .string($0.description) }),
        "Layers": .array(paths),
      ])
      for name in image.names {
        let top = image.file.differences.last?.hex ?? image.file.id.hex
        repositories[name.familiarName, default: []].append((name.tag ?? "latest", .string(top)))
      }
    }
    try output.add("manifest.json", content: Array(JSONValue.array(manifest).text.utf8))
    let table = repositories.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.object(JSONObject($0.value))) }
    if !table.isEmpty { try output.add("repositories", content: Array(JSONValue.object(JSONObject(table)).text.utf8)) }
  }
}
