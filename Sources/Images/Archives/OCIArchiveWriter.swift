internal import JSON

/// Writes an OCI image layout with uncompressed layers.
struct OCIArchiveWriter {
  let output: ArchiveWriter
  let layers: LayerStore

  func write(_ images: [SavedImage]) throws {
    var written: Set<Digest> = [], manifests: [JSONValue] = []
    func blob(_ content: [UInt8], _ type: String) throws -> JSONObject {
      let digest = Digest(of: content)
      if written.insert(digest).inserted { try output.add("blobs/sha256/\(digest.hex)", content: content) }
      return OCIArchiveWriter.descriptor(type, digest, Int64(content.count))
    }
    try output.add("oci-layout", content: Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
    for image in images {
      var descriptors: [JSONValue] = []
      for (chain, difference) in zip(layers.chains(of: image.file.differences), image.file.differences) {
        let path = "blobs/sha256/\(difference.hex)"
        if written.insert(difference).inserted { try layers.write(chain, as: path, to: output) }
        let size = try layers.record(chain)?.archiveSize ?? 0
        descriptors.append(.object(OCIArchiveWriter.descriptor("application/vnd.oci.image.layer.v1.tar", difference, size)))
      }
      let manifest = JSONObject([
        ("schemaVersion", 2), ("mediaType", "application/vnd.oci.image.manifest.v1+json"),
        ("config", .object(try blob(image.file.bytes, "application/vnd.oci.image.config.v1+json"))), ("layers", .array(descriptors)),
      ])
      let descriptor = try blob(Array(JSONValue.object(manifest).text.utf8), "application/vnd.oci.image.manifest.v1+json")
      for name in image.names {
        var named = descriptor
        named["annotations"] = [
          "io.containerd.image.name": .string(name.canonical), "org.opencontainers.image.ref.name": .string(name.description),
        ]
        manifests.append(.object(named))
      }
      if image.names.isEmpty { manifests.append(.object(descriptor)) }
    }
    try output.add("index.json", content: Array((["schemaVersion": 2, "manifests": .array(manifests)] as JSONValue).text.utf8))
  }

  private static func descriptor(_ type: String, _ digest: Digest, _ size: Int64) -> JSONObject {
    JSONObject([("mediaType", .string(type)), ("digest", .string(digest.description)), ("size", .integer(size))])
  }
}
