internal import JSON
internal import Linux

/// The images of one root: unpacked layers, configurations and names below `ROOT/images`.
///
/// Everything becomes visible in one step and whole; whoever is killed leaves only what the next command removes. Commands that run at once
/// wait for each other where they must.
///
/// | name | what |
/// |---|---|
/// | `index.json` | which images there are, and their names; replaced whole, under the lock `lock` |
/// | `configurations/HEX.json` | an image's configuration file, byte for byte |
/// | `layers/KEY/` | a layer, named by its chain ID |
/// | `temporary/` | layers that are being unpacked |
/// | `use` | a lock that whoever adds layers holds shared; who has it alone may remove what no image uses |
public struct ImageStore: Sendable {
  /// `ROOT/images`
  public let folder: String
  let nearMatches: @Sendable (String, [String]) -> [String]

  /// The store below a root folder, which need not exist yet. `nearMatches` finds what somebody may have meant among names.
  public init(root: String, nearMatches: @escaping @Sendable (String, [String]) -> [String] = { _, _ in [] }) {
    folder = "\(root)/images"
    self.nearMatches = nearMatches
  }

  var indexFile: String { "\(folder)/index.json" }
  var layers: LayerStore { LayerStore(folder: folder) }
  func configurationFile(_ id: Digest) -> String { "\(folder)/configurations/\(id.hex).json" }

  /// Makes the folders, removes what killed commands left, and runs `body` while no layer is removed.
  func using<Result>(_ body: () throws -> Result) throws -> Result {
    try createFolders()
    try sweep()
    let lock = try FileLock("\(folder)/use", .shared)
    let result = Swift.Result { try body() }
    lock.unlock()
    return try result.get()
  }

  /// Runs `body` while no image is removed or named anew: so that one that was found is still there when a container of it is on record.
  public func holding<Result>(_ body: () throws -> Result) throws -> Result {
    guard FileSystem.isFolder(folder) else { return try body() }
    let lock = try FileLock("\(folder)/lock", .shared)
    let result = Swift.Result { try body() }
    lock.unlock()
    return try result.get()
  }

  /// Changes the index under its lock.
  @discardableResult
  func change<Result>(_ body: (inout ImageIndex) throws -> Result) throws -> Result {
    try FileSystem.createFolders(folder, mode: 0o700)
    let lock = try FileLock("\(folder)/lock")
    let result = Swift.Result {
      var index = try index()
      let old = index
      let result = try body(&index)
      if index != old { try FileSystem.replace(indexFile, content: Array((index.json.text + "\n").utf8), mode: 0o600) }
      return result
    }
    lock.unlock()
    return try result.get()
  }

  /// The index as it is now.
  func index() throws -> ImageIndex {
    guard let content = try FileSystem.readIfPresent(indexFile) else { return ImageIndex() }
    do { return try ImageIndex(JSONText.object(content)) } catch { throw ImageError(.badArchive, "\(indexFile): \(error)") }
  }

  /// Removes what no image uses, unless somebody is just adding layers; then it is left to a later command.
  func sweep() throws {
    guard FileSystem.isFolder(layers.path), let lock = try FileLock(ifFree: "\(folder)/use") else { return }
    let result = Swift.Result { try removeUnused() }
    lock.unlock()
    try result.get()
  }

  private func createFolders() throws {
    for name in ["configurations", "layers", "temporary"] { try FileSystem.createFolders("\(folder)/\(name)", mode: 0o700) }
  }

  private func removeUnused() throws {
    try createFolders()
    for name in try FileSystem.names(in: "\(folder)/temporary") { try FolderTree.remove("\(folder)/temporary/\(name)") }
    let index = try index()
    var keys: Set<String> = []
    for id in index.images { for chain in try layers.chains(of: configuration(id).differences) { keys.insert(LayerStore.key(chain)) } }
    for name in try FileSystem.names(in: layers.path) where !keys.contains(name) { try layers.remove(key: name) }
    let files = Set(index.images.map { "\($0.hex).json" })
    for name in try FileSystem.names(in: "\(folder)/configurations") where !files.contains(name) {
      try FileSystem.remove("\(folder)/configurations/\(name)")
    }
  }

  /// Removes leftovers if there is a sign of them.
  func sweepLeftovers() throws {
    guard FileSystem.isFolder("\(folder)/temporary"), try !FileSystem.names(in: "\(folder)/temporary").isEmpty else { return }
    try sweep()
  }

  /// An image's configuration file.
  func configuration(_ id: Digest) throws -> ConfigurationFile {
    let path = configurationFile(id)
    do { return try ConfigurationFile(FileSystem.read(path), name: path) } catch let error as SystemError where error.code == .noEntry {
      throw ImageError(.unknownImage, "image \(id) has lost its configuration \(path)")
    }
  }
}
