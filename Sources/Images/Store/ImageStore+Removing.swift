internal import Linux

extension ImageStore {
  /// Gives an image one more name; an image that had that name loses it.
  public func tag(_ name: String, as newName: ImageReference) throws {
    guard newName.digest == nil else { throw ImageError(.invalid, "refusing to create a tag with a digest reference: \(newName)") }
    try change { index in
      guard let id = try find(name, in: index) else { throw ImageStore.missing(unknown(name, in: index)) }
      index.names[newName.tagged.canonical] = id
    }
  }

  /// Removes a name, and the image with it if it was the last one. `users` tells which containers were made from an image ID.
  ///
  /// By its ID an image goes with all its names, if they are of one repository or it is forced. An image that a container was made from stays:
  /// forced, it only loses its names, and only while the container does not run.
  public func remove(_ name: String, isForced: Bool, users: (String) throws -> [ImageUser]) throws -> [ImageChange] {
    let changes = try change { (index) -> [ImageChange] in
      guard let id = try find(name, in: index) else { throw ImageStore.missing(unknown(name, in: index)) }
      let reference = try? ImageReference(name).tagged
      let isByName = reference.map { index.names[$0.canonical] == id } ?? false
      var changes: [ImageChange] = []
      let short = id.hex.prefix(12), users = try users(id.description)
      if isByName, let reference {
        if index.names.values.filter({ $0 == id }).count == 1, let user = users.first, !isForced {
          throw ImageError(
            .conflict,
            "conflict: unable to remove repository reference \"\(name)\" (must force) - container \(user.containerID.prefix(12)) is using its referenced image \(short)"
          )
        }
        index.names[reference.canonical] = nil
        changes.append(.untagged(reference.description))
      } else {
        try ImageStore.checkRemovable(id, index, users, isForced)
        for (name, _) in index.names.filter({ $0.value == id }).sorted(by: { $0.key < $1.key }) {
          index.names[name] = nil
          changes.append(.untagged((try? ImageReference(name).description) ?? name))
        }
      }
      if index.names.values.contains(id) || !users.isEmpty { return changes }
      return try changes + forget(id, in: &index)
    }
    try sweep()
    return changes
  }

  /// Removes images without names, or all that no container uses, if `condition` holds; returns what went and how many bytes that freed.
  public func prune(
    all: Bool, where condition: (Image) -> Bool = { _ in true }, users: (String) throws -> [ImageUser]
  ) throws -> (changes: [ImageChange], bytes: Int64) {
    var bytes: Int64 = 0
    let changes = try change { (index) -> [ImageChange] in
      var changes: [ImageChange] = []
      for id in index.images.sorted(by: { $0.hex < $1.hex }) {
        let names = index.names.filter { $0.value == id }.map(\.key).sorted()
        guard all || names.isEmpty, try users(id.description).isEmpty, try condition(image(id, index)) else { continue }
        for name in names {
          index.names[name] = nil
          changes.append(.untagged((try? ImageReference(name).description) ?? name))
        }
        changes += try forget(id, in: &index) { bytes += $0 }
      }
      return changes
    }
    try sweep()
    return (changes, bytes)
  }

  /// Takes an image out of the index; answers it and the layers that no other image has, the topmost first.
  private func forget(_ id: Digest, in index: inout ImageIndex, freed: (Int64) -> Void = { _ in }) throws -> [ImageChange] {
    var changes: [ImageChange] = []
    for (name, owner) in index.manifests where owner == id {
      index.manifests[name] = nil
      changes.append(.untagged((try? ImageReference(name).description) ?? name))
    }
    let own = try layers.chains(of: configuration(id).differences)
    index.images.remove(id)
    var others: Set<Digest> = []
    for other in index.images { others.formUnion(try layers.chains(of: configuration(other).differences)) }
    changes.append(.deleted(id.description))
    for chain in own.reversed() where !others.contains(chain) {
      freed(try layers.record(chain)?.size ?? 0)
      changes.append(.deleted(chain.description))
    }
    return changes
  }

  private static func checkRemovable(_ id: Digest, _ index: ImageIndex, _ users: [ImageUser], _ isForced: Bool) throws {
    let short = id.hex.prefix(12)
    func conflict(_ remedy: String, _ reason: String) -> ImageError {
      ImageError(.conflict, "conflict: unable to delete \(short) (\(remedy)) - \(reason)")
    }
    if let running = users.first(where: \.isRunning) {
      throw conflict("cannot be forced", "image is being used by running container \(running.containerID.prefix(12))")
    }
    let repositories = Set(index.names.filter { $0.value == id }.keys.compactMap { try? ImageReference($0).familiarName })
    if isForced {
      if let user = users.first, repositories.isEmpty {
        throw conflict("cannot be forced", "image is being used by stopped container \(user.containerID.prefix(12))")
      }
      return
    }
    if repositories.count > 1 { throw conflict("must be forced", "image is referenced in multiple repositories") }
    if let user = users.first {
      throw conflict("must be forced", "image is being used by stopped container \(user.containerID.prefix(12))")
    }
  }

  /// The words that docker has for an unknown image where none is to be run.
  static func missing(_ error: ImageError) -> ImageError {
    guard error.kind == .unknownImage, error.description.hasPrefix("Unable to find image '") else { return error }
    let rest = error.description.dropFirst(22), name = rest.prefix { $0 != "'" }
    let hint = rest.dropFirst(name.count + 1 + " locally".count)
    return ImageError(.unknownImage, "No such image: \(name)\(hint)")
  }
}
