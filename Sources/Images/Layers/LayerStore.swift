internal import CLinux
internal import Glibc
internal import JSON
internal import Linux

/// The unpacked layers, each in a folder named by the first 20 digits of its chain ID: short, so that 127 of them fit into one mount call.
struct LayerStore {
  /// The store's folder.
  let folder: String

  /// `images/layers`
  var path: String { "\(folder)/layers" }

  static func key(_ chain: Digest) -> String { String(chain.hex.prefix(20)) }
  /// A layer's own folder.
  func place(_ chain: Digest) -> String { "\(path)/\(LayerStore.key(chain))" }
  /// The folder with a layer's files.
  func files(_ chain: Digest) -> String { "\(place(chain))/diff" }

  /// The chain IDs of layers that lie on top of each other, the lowest first.
  func chains(of differences: [Digest]) -> [Digest] {
    var chains: [Digest] = []
    for difference in differences { chains.append(LayerStore.chain(difference, on: chains.last)) }
    return chains
  }

  static func chain(_ difference: Digest, on below: Digest?) -> Digest {
    below.map { Digest(of: Array("\($0) \(difference)".utf8)) } ?? difference
  }

  /// A layer that is there; nil if it is not.
  func record(_ chain: Digest) throws -> LayerRecord? {
    let file = "\(place(chain))/layer.json"
    guard let content = try FileSystem.readIfPresent(file) else { return nil }
    let record = try LayerRecord(JSONText.object(content))
    guard record.chain == chain else { throw ImageError(.badArchive, "\(file) is of layer \(record.chain), which begins like \(chain)") }
    return record
  }

  /// Unpacks a layer on top of others (the lowest first); whoever calls holds the store's lock `use`. It is visible when it is whole, and its
  /// digest is the expected one, if one is expected, and `verify` does not throw.
  func add(
    _ source: any ByteSource, on below: [Digest], expected: Digest?, verify: () throws -> Void = {}
  ) throws -> LayerRecord {
    let making = try makeTemporary()
    do {
      let record = try unpack(source, into: making, on: below, expected: expected, verify: verify)
      try FileSystem.create("\(making)/layer.json", content: Array(record.json.text.utf8), mode: 0o600)
      let result = clinux_rename_exclusive(AT_FDCWD, making, place(record.chain))
      if result < 0 {
        guard Errno(rawValue: -result) == .exists else { throw SystemError(Errno(rawValue: -result), "rename \(making)") }
        // Somebody else has unpacked it meanwhile.
        try FolderTree.remove(making)
      }
      return record
    } catch {
      try FolderTree.remove(making)
      throw error
    }
  }

  /// Removes a layer that no image uses any more.
  func remove(key: String) throws {
    // First out of sight in one step, then for good.
    let grave = "\(folder)/temporary/\(key).\(getpid())"
    if rename("\(path)/\(key)", grave) != 0 {
      if Errno.last == .noEntry { return }
      throw SystemError(.last, "remove the layer \(key)")
    }
    try FolderTree.remove(grave)
  }

  private func makeTemporary() throws -> String {
    var template = Array("\(folder)/temporary/layer.XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw SystemError(.last, "create a folder in \(folder)/temporary") }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func unpack(_ source: any ByteSource, into making: String, on below: [Digest], expected: Digest?, verify: () throws -> Void)
    throws -> LayerRecord
  {
    guard mkdir("\(making)/diff", 0o755) == 0, chmod("\(making)/diff", 0o755) == 0 else {
      throw SystemError(.last, "create \(making)/diff")
    }
    let recorder = try AssemblyRecorder(layer: making)
    let archive = try LayerSource(DecompressedSource(source), recorder: recorder)
    let unpacker = try LayerUnpacker(folder: "\(making)/diff", lower: below.reversed().map(files), assembly: recorder)
    try unpacker.unpack(archive)
    try archive.drain()
    try verify()
    let difference = archive.digest()
    if let expected, difference != expected {
      throw ImageError(.badArchive, "its uncompressed archive has the digest \(difference); the image's configuration expects \(expected)")
    }
    try recorder.finish()
    return LayerRecord(
      chain: LayerStore.chain(difference, on: below.last), difference: difference, size: unpacker.size, archiveSize: archive.count)
  }
}
