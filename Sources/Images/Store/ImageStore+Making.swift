internal import CLinux
internal import Glibc
internal import JSON
internal import Linux

extension ImageStore {
  /// Makes an image of one layer from a tar archive that is read from a descriptor; returns its ID.
  public func importRoot(reading descriptor: Int32, name: ImageReference?, changes: [String], message: String) throws -> String {
    try importRoot(FileSource(borrowing: descriptor), name, changes, message)
  }

  /// Makes an image from a folder; returns its ID.
  public func importRoot(folder: String, name: ImageReference?, changes: [String], message: String) throws -> String {
    let root = try OwnedFile(folder, flags: [.readOnly, .folder])
    return try importRoot(spool { try TreePacker($0, .oneFileSystem).addContent(of: root) }, name, changes, message)
  }

  /// Makes an image of a container: its image's layers and one with the container's changes on top; returns its ID.
  public func commit(_ commit: ContainerCommit) throws -> String {
    var configuration = commit.configuration
    for change in commit.changes { try configuration.apply(change) }
    return try using {
      let base = try commit.image.map { name in
        guard let id = try find(name, in: index()) else { throw try unknown(name, in: index()) }
        return try self.configuration(id)
      }
      let upper = try OwnedFile(commit.upper, flags: [.readOnly, .folder])
      let source = try spool { try TreePacker($0, .layer(mountPoints: Set(commit.mountPoints))).addContent(of: upper) }
      let words = configuration.entrypoint + configuration.command
      var history = JSONObject([("created", .string(CreationTime.now())), ("created_by", .string(words.joined(separator: " ")))])
      if !commit.author.isEmpty { history["author"] = .string(commit.author) }
      if !commit.message.isEmpty { history["comment"] = .string(commit.message) }
      return try make(source, on: base, configuration, history: history, author: commit.author, name: commit.name)
    }
  }

  private func importRoot(_ source: any ByteSource, _ name: ImageReference?, _ changes: [String], _ message: String) throws -> String {
    var configuration = ImageConfiguration()
    for change in changes { try configuration.apply(change) }
    let comment = message.isEmpty ? "Imported from -" : message
    return try using {
      let history = JSONObject([("created", .string(CreationTime.now())), ("comment", .string(comment))])
      do { return try make(source, on: nil, configuration, history: history, author: "", name: name) } catch let error as ImageError {
        throw ImageError(error.kind, "import: \(error.description)")
      }
    }
  }

  /// Adds a layer and an image of it and the base's layers. Whoever calls holds the lock `use`.
  private func make(
    _ source: any ByteSource, on base: ConfigurationFile?, _ configuration: ImageConfiguration, history: JSONObject, author: String,
    name: ImageReference?
  ) throws -> String {
    let below = layers.chains(of: base?.differences ?? [])
    guard below.count < ConfigurationFile.maximumLayers else {
      throw ImageError(
        .invalid, "the image has \(below.count) layers already; no more than \(ConfigurationFile.maximumLayers) can be stacked")
    }
    let layer = try layers.add(source, on: below, expected: nil)
    var object = base?.object ?? JSONObject([("architecture", .string(Platform.architecture)), ("os", "linux")])
    for gone in ["container", "container_config", "id", "parent"] { object[gone] = nil }
    object["created"] = .string(CreationTime.now())
    if !author.isEmpty { object["author"] = .string(author) }
    object["config"] = .object(configuration.json(over: try object.object("config") ?? JSONObject()))
    let differences = (base?.differences ?? []) + [layer.difference]
    object["rootfs"] = ["type": "layers", "diff_ids": .array(differences.map { .string($0.description) })]
    object["history"] = .array(try JSONText.array(object.present("history") ?? [], "history") + [.object(history)])
    let file = try ConfigurationFile(Array(JSONValue.object(object).text.utf8), name: "the new configuration"), id = file.id
    try FileSystem.replace(configurationFile(id), content: file.bytes, mode: 0o600)
    try change { index in
      index.images.insert(id)
      if let name { index.names[name.tagged.canonical] = id }
    }
    return id.description
  }

  /// A tar archive that `write` fills, in a file of the store that nobody sees.
  private func spool(_ write: (ArchiveWriter) throws -> Void) throws -> FileSource {
    try FileSystem.createFolders(folder, mode: 0o700)
    return try Spool.archive(in: folder, write)
  }
}
