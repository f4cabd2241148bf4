import Glibc
import JSON
import Linux
import TestSupport

@testable import Images

/// An OCI image layout that a test writes by hand, right or wrong.
final class TestLayout {
  let folder: ScratchFolder
  private var manifests: [JSONValue] = []

  init() throws {
    folder = try ScratchFolder()
    try FileSystem.createFolders(folder["blobs/sha256"])
    try FileSystem.replace(folder["oci-layout"], content: Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
  }

  var path: String { folder.path }

  /// Writes a blob and answers its descriptor.
  func blob(_ content: [UInt8], _ type: String) throws -> JSONValue {
    let digest = Digest(of: content)
    try FileSystem.replace(folder["blobs/sha256/\(digest.hex)"], content: content)
    return ["mediaType": .string(type), "digest": .string(digest.description), "size": .integer(Int64(content.count))]
  }

  /// Writes an image of uncompressed layers and answers its manifest's descriptor.
  func image(_ layers: [[UInt8]], config: JSONValue = [:], differences: [String]? = nil) throws -> JSONValue {
    let differences = differences ?? layers.map { Digest(of: $0).description }
    let file: JSONValue = [
      "os": "linux", "architecture": "amd64", "config": config,
      "rootfs": ["type": "layers", "diff_ids": .array(differences.map(JSONValue.string))],
    ]
    return try manifest(
      config: blob(Array(file.text.utf8), "application/vnd.oci.image.config.v1+json"),
      layers: layers.map { try blob($0, "application/vnd.oci.image.layer.v1.tar") })
  }

  func manifest(config: JSONValue, layers: [JSONValue]) throws -> JSONValue {
    let manifest: JSONValue = ["schemaVersion": 2, "config": config, "layers": .array(layers)]
    return try blob(Array(manifest.text.utf8), "application/vnd.oci.image.manifest.v1+json")
  }

  /// Writes an index blob and answers its descriptor.
  func index(_ manifests: [JSONValue]) throws -> JSONValue {
    let index: JSONValue = ["schemaVersion": 2, "manifests": .array(manifests)]
    return try blob(Array(index.text.utf8), "application/vnd.oci.image.index.v1+json")
  }

  /// Writes `index.json`.
  func finish(_ manifests: [JSONValue]) throws {
    let index: JSONValue = ["schemaVersion": 2, "manifests": .array(manifests)]
    try FileSystem.replace(folder["index.json"], content: Array(index.text.utf8))
  }

  /// A layout of one image with the name `test:latest`.
  static func of(_ layers: [[UInt8]], config: JSONValue = [:], differences: [String]? = nil) throws -> TestLayout {
    let layout = try TestLayout()
    try layout.finish([
      layout.image(layers, config: config, differences: differences).with(
        "annotations", ["org.opencontainers.image.ref.name": "test:latest"])
    ])
    return layout
  }

  /// A layer of the entries that `fill` adds.
  static func layer(_ fill: (inout TarBuilder) -> Void) -> [UInt8] {
    var builder = TarBuilder()
    fill(&builder)
    return builder.archive
  }
}
