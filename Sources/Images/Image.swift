public import JSON

/// An image in the store: layers that are unpacked, and what they mean.
public struct Image: Sendable {
  /// `sha256:` and the digest of the configuration file.
  public let id: String
  /// Its names as docker prints them: `busybox:latest`; sorted, none for a dangling image.
  public let names: [String]
  /// `name@sha256:…` for each name that came with a manifest.
  public let digests: [String]
  /// The unpacked layers, the topmost first: overlay's `lowerdir`. All of them lie in folders named `diff` two levels below one common folder,
  /// so that a mount can name them relative to that one when their paths are too long together.
  public let layerFolders: [String]
  /// What containers made from it are given.
  public let configuration: ImageConfiguration
  /// The whole configuration file.
  public let file: JSONObject
  let differences: [Digest]

  /// The first 12 digits of the ID.
  public var shortID: String { String(id.dropFirst(7).prefix(12)) }
  /// When it was made, RFC 3339; empty if it does not say.
  public var created: String { (try? file.text("created")) ?? "" }
  /// The digests of the layers' archives, the lowest first.
  public var layerDigests: [String] { differences.map(\.description) }
}
