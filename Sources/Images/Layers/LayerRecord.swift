internal import JSON

/// What is known of an unpacked layer: `layer.json` in its folder.
struct LayerRecord: Equatable {
  /// The digest of its own archive and of all below it: OCI image specification, config.md, "Layer ChainID".
  let chain: Digest
  /// The digest of its archive, uncompressed.
  let difference: Digest
  /// What its files take.
  let size: Int64
  /// The length of its archive, uncompressed.
  let archiveSize: Int64

  init(chain: Digest, difference: Digest, size: Int64, archiveSize: Int64) {
    self.chain = chain
    self.difference = difference
    self.size = size
    self.archiveSize = archiveSize
  }

  init(_ object: JSONObject) throws {
    guard let chain = Digest(try object.text("chain")), let difference = Digest(try object.text("difference")) else {
      throw ImageError(.badArchive, "expected chain and difference")
    }
    self.init(chain: chain, difference: difference, size: try object.number("size"), archiveSize: try object.number("archiveSize"))
  }

  var json: JSONValue {
    [
      "chain": .string(chain.description), "difference": .string(difference.description), "size": .integer(size),
      "archiveSize": .integer(archiveSize),
    ]
  }
}
