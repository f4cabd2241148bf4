public import Addresses
public import CNI
public import HostRules
internal import Inspection
internal import InterfaceSetup
internal import PortmapPlugin

/// Publishes ports of containers that are running, takes them back, and hands them from one to another. What is changed is recorded where DEL,
/// CHECK, GC and `NetworkAudit` look.
public struct PortPublisher {
  /// What has been done for one attachment.
  public struct Change {
    /// Whose ports they are.
    public let attachment: Attachment
    /// The ports that are new, or gone.
    public let ports: [PublishedPort]
    /// Where they lead, or led.
    public let containers: [Subnet]
  }

  /// Why it cannot be done: one sentence.
  public struct Refusal: Error, CustomStringConvertible {
    /// The sentence.
    public let description: String

    init(_ description: String) { self.description = description }
  }

  private let cache: ResultCache

  /// Works with the attachments of a result cache, and the rules of the calling thread's network namespace.
  public init(cache: ResultCache = ResultCache()) { self.cache = cache }

  /// Publishes ports, all of them or none.
  public func publish(_ ports: [PublishedPort], on entries: [CachedAttachment]) throws -> Change {
    let (entry, present) = try target(entries)
    for port in ports {
      if let other = present.ports.first(where: { $0.overlaps(port) }) {
        throw Refusal("\(port) is already published by \(entry.attachment) itself (as \(other) to port \(other.containerPort))")
      }
    }
    let gained = present.with(ports), owner = Owner(entry.attachment)
    try PortmapPlugin.republish([owner: present.with(present.ports + ports)], gained: [owner: gained], lost: [])
    try remember(entry, without: [], adding: ports)
    return Change(attachment: entry.attachment, ports: ports, containers: present.containers)
  }

  /// Takes published ports back: of every attachment of the container, since another one may wait for them.
  public func unpublish(_ selections: [PortSelection], from entries: [CachedAttachment]) throws -> [Change] {
    let (changes, lost) = try removal(selections, entries)
    try PortmapPlugin.republish(changes.mapValues { Optional($0) }, gained: [:], lost: lost.map { $0.publication })
    for (entry, publication) in lost { try remember(entry, without: publication.ports, adding: []) }
    return lost.map { Change(attachment: $0.entry.attachment, ports: $0.publication.ports, containers: $0.publication.containers) }
  }

  /// Hands published ports to another container in one transaction: a connection attempt finds the old one or the new one. Connections that are
  /// established go on where they are.
  public func move(_ selections: [PortSelection], from old: [CachedAttachment], to new: [CachedAttachment]) throws -> (Change, Change) {
    var (changes, lost) = try removal(selections, old)
    let (entry, present) = try target(new)
    guard let first = lost.first else { throw Refusal("nothing is to be moved") }
    guard !old.contains(where: { $0.attachment == entry.attachment }) else { throw Refusal("the old and the new container are the same") }
    let ports = first.publication.ports.map { port in
      let inside = selections.first { $0.matches(port) }?.containerPort
      return PublishedPort(
        port.transport, hostAddress: port.hostAddress, hostPorts: port.hostPorts, containerPort: inside ?? port.containerPort,
        sources: port.sources) ?? port
    }
    let owner = Owner(entry.attachment)
    changes[owner] = present.with(present.ports + ports)
    // Exchanges go on, so nothing that is tracked is removed.
    try PortmapPlugin.move(changes.mapValues { Optional($0) }, to: present.with(ports))
    for (entry, publication) in lost { try remember(entry, without: publication.ports, adding: []) }
    try remember(entry, without: [], adding: ports)
    return (
      Change(attachment: first.entry.attachment, ports: first.publication.ports, containers: first.publication.containers),
      Change(attachment: entry.attachment, ports: ports, containers: present.containers)
    )
  }

  /// What the attachments keep, and what they lose.
  private func removal(
    _ selections: [PortSelection], _ entries: [CachedAttachment]
  ) throws -> ([Owner: Publication], [(entry: CachedAttachment, publication: Publication)]) {
    var rules = try HostRules(), changes: [Owner: Publication] = [:], lost: [(CachedAttachment, Publication)] = [],
      published: [PublishedPort] = []
    var met: Set<PortSelection> = []
    for entry in entries {
      let owner = Owner(entry.attachment)
      guard let publication = try rules.publication(of: owner) else { continue }
      published += publication.ports
      var kept = publication.ports, gone: [PublishedPort] = []
      for selection in selections {
        let hit = kept.filter { selection.matches($0) }
        if hit.isEmpty { continue }
        met.insert(selection)
        gone += hit.compactMap { $0.part(selection.hostPorts.clamped(to: $0.hostPorts)) }
        kept = kept.flatMap { selection.matches($0) ? $0.leavingOut(selection.hostPorts) : [$0] }
      }
      if gone.isEmpty { continue }
      changes[owner] = publication.with(kept)
      lost.append((entry, publication.with(gone)))
    }
    if let missing = selections.first(where: { !met.contains($0) }) {
      let list = published.isEmpty ? "nothing is" : "published are: \(published.map(\.description).joined(separator: ", "))"
      let id = entries.first?.request.containerID ?? ""
      throw Refusal("\(missing) is not published by container \(id); \(list)")
    }
    return (changes, lost)
  }

  /// The attachment that publishes a container's ports: the one that does already, else the first one whose list has the portmap plugin, else
  /// the first one that our plugins have made with a bridge as its router. With what it publishes.
  private func target(_ entries: [CachedAttachment]) throws -> (CachedAttachment, Publication) {
    var rules = try HostRules(), candidates: [(entry: CachedAttachment, publication: Publication, rank: Int)] = []
    for entry in entries where entry.result != nil {
      if let publication = try rules.publication(of: Owner(entry.attachment)) {
        candidates.append((entry, publication, 0))
        continue
      }
      let list = try entry.list(), result = try entry.decodedResult(list.version) ?? CNIResult()
      if let request = try entry.checks(of: list).first(where: { $0.configuration.type == PortmapPlugin.type }) {
        candidates.append((entry, try PortmapPlugin(request).publication(of: [], request, result), 1))
      } else {
        let publication = PortmapPlugin.publication(of: [], interface: entry.request.interfaceName, result)
        candidates.append((entry, publication, list.plugins.first?.type == "bridge" ? 2 : 3))
      }
    }
    guard let best = candidates.filter({ !$0.publication.containers.isEmpty }).min(by: { $0.rank < $1.rank }) else {
      throw Refusal("container \(entries.first?.request.containerID ?? "") has no address that a port could lead to")
    }
    return (best.entry, best.publication)
  }

  /// Puts the change into the runtime's record of the attachment. Ports that only some networks may use stay out of it: it cannot say so, and
  /// whoever attached the container again from it would open them to everybody. Where no runtime has a record the first port makes one, and the last
  /// takes it along.
  private func remember(_ entry: CachedAttachment, without gone: [PublishedPort], adding ports: [PublishedPort]) throws {
    let added = ports.filter { $0.sources.isEmpty }.flatMap { port in
      port.hostPorts.map { number in
        CachedAttachment.PortMapping(
          hostPort: number, containerPort: port.containerPort + (number - port.hostPorts.lowerBound), transport: port.transport.rawValue,
          hostAddress: port.hostAddress?.description ?? "")
      }
    }
    let isOwn = entry.network == InterfaceAttachments.network
    if isOwn {
      let rules = try HostRules()
      if try rules.publication(of: Owner(entry.attachment)) == nil { return try cache.remove(entry.attachment) }
    }
    guard let current = try cache.entry(of: entry.attachment) ?? (isOwn ? entry : nil) else { return }
    try cache.store(
      current.changingPorts(
        without: { mapping in
          gone.contains { port in
            port.transport.rawValue == mapping.transport && port.hostPorts.contains(mapping.hostPort)
              && (mapping.hostAddress.isEmpty ? nil : IPAddress(mapping.hostAddress)) == port.hostAddress
          }
        }, adding: added))
  }
}
