internal import CNI
internal import Inspection
internal import Wording

/// Finds the attachments of the container that a person means, in the runtimes' result cache.
struct AttachmentSearch {
  let cache: ResultCache
  /// All attachments on record.
  let entries: [CachedAttachment]

  init(_ cache: ResultCache = ResultCache()) throws {
    self.cache = cache
    entries = try cache.entries()
  }

  /// Those of one container: by its ID, the beginning of it, or a name that its runtime or its namespace has. With `orInterfaces`, a container that
  /// no CNI runtime has attached has its interfaces instead.
  func attachments(of word: String, orInterfaces: Bool = false) throws -> [CachedAttachment] {
    let ids = Set(entries.map(\.request.containerID))
    if ids.contains(word) { return entries.filter { $0.request.containerID == word } }
    let longer = ids.filter { $0.hasPrefix(word) }
    if longer.count == 1, let id = longer.first { return entries.filter { $0.request.containerID == id } }
    guard longer.isEmpty else {
      let list = longer.sorted().map { Terminal.plain($0) }.joined(separator: ", ")
      throw Problem("\(Terminal.plain(word)) is more than one container: \(list)", .usage)
    }
    let host = try HostView(cache: cache)
    let known = host.namespaces.dropFirst().compactMap { $0.owner.name ?? $0.owner.id }
    if known.contains(word)
      || host.namespaces.contains(where: { $0.processes.contains { "\($0)" == word } || $0.paths.contains("/run/netns/\(word)") })
    {
      let namespace = try ContainerSearch.namespace(word, host)
      let own = host.attachments(in: namespace)
      if !own.isEmpty { return own }
      if orInterfaces {
        let interfaces = try InterfaceAttachments.of(namespace, host)
        if !interfaces.isEmpty { return interfaces }
        throw Problem(
          "\(Terminal.plain(word)) has no interface with an address whose other end is on this host, or a name with unusual characters",
          .finding)
      }
      throw Problem(
        "\(Terminal.plain(word)) was not attached by CNI: no runtime has a result for it on record (netctl cni add NETWORK --netns attaches it)",
        .unknown)
    }
    let near = NearMatches.sentence(for: word, among: Array(ids.union(known)))
    throw Problem("no container is called \(Terminal.plain(word))\(near); see netctl ps", .usage)
  }
}
