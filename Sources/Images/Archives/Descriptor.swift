internal import Glibc
internal import JSON

/// What a manifest or an index says of a piece of content: OCI image specification, descriptor.md.
struct Descriptor {
  let mediaType: String
  let digest: Digest
  let size: Int64
  let annotations: [String: String]
  /// `os/architecture[/variant]`; nil if it does not say.
  let platform: String?

  /// Where a layout keeps the content.
  var path: String { "blobs/sha256/\(digest.hex)" }

  /// Reads a descriptor; `name` is what messages call it.
  init(_ value: JSONValue, _ name: String) throws {
    let object = try JSONText.object(value, name)
    let text = try object.text("digest")
    guard let digest = Digest(text) else {
      throw ImageError(.badArchive, "\(name): digest: expected sha256: and 64 digits, found '\(text)'")
    }
    self.digest = digest
    mediaType = try object.text("mediaType")
    guard let size = object.present("size") else { throw ImageError(.badArchive, "\(name): size is missing") }
    self.size = try JSONText.integer(size, "\(name): size")
    guard self.size >= 0 else { throw ImageError(.badArchive, "\(name): size: expected a length, found \(self.size)") }
    var annotations: [String: String] = [:]
    for member in try object.object("annotations")?.members ?? [] {
      annotations[member.name] = try JSONText.string(member.value, "\(name): annotations")
    }
    self.annotations = annotations
    platform = try object.object("platform").map { platform in
      let variant = try platform.text("variant")
      return "\(try platform.text("os"))/\(try platform.text("architecture"))" + (variant.isEmpty ? "" : "/\(variant)")
    }
  }

  /// Whether it is an index or a manifest list, of several manifests.
  var isIndex: Bool {
    mediaType == "application/vnd.oci.image.index.v1+json" || mediaType == "application/vnd.docker.distribution.manifest.list.v2+json"
  }

  /// Whether it is a manifest of one image.
  var isManifest: Bool {
    mediaType == "application/vnd.oci.image.manifest.v1+json" || mediaType == "application/vnd.docker.distribution.manifest.v2+json"
      || mediaType.isEmpty
  }
}
