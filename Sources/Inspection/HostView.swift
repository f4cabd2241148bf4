internal import Addresses
public import CNI
internal import Glibc
public import HostRules
internal import Linux
public import Routing
public import Rulesets

/// The container networks of a host at one moment, read once: each namespace by one dump of its links and one of its addresses, and the table of
/// published ports once for all.
public struct HostView: Sendable {
  /// One end of a pair of links.
  public struct End: Hashable, Sendable {
    /// The namespace's place in `namespaces`.
    public let namespace: Int
    /// The number of the link in it.
    public let link: Int32
  }

  /// The namespace from which everything was read, and after it the others in the order of their ages, the oldest first.
  public let namespaces: [NamespaceView]
  /// What each veth's other end is.
  public let peers: [End: End]
  /// What each link lies on that has one below: VLANs, macvlans…
  public let parents: [End: End]
  /// What runtimes remember of their attachments.
  public let attachments: [CachedAttachment]
  /// The ports of the host that our table leads to containers.
  public let publishedPorts: [HeldPort]
  /// The ports of the host that rules of others lead to containers.
  public let foreignPorts: [ForeignPort]
  private let foreignByAddress: [IPAddress: [ForeignPort]]
  /// What becomes of the source of a container's packets, by its address.
  let masqueraded: [IPAddress: String]
  /// Others' chains at the forward hook that end with dropping.
  public let forwardObstacles: [ForwardObstacle]
  /// The host's links that routes lead by, other than those that belong to addresses.
  let routedLinks: Set<Int32>
  /// Where each link is in its namespace's list.
  private let positions: [End: Int]
  /// The published ports that lead to each address.
  private let portsByAddress: [IPAddress: [HeldPort]]
  /// How many processes did not tell their namespace, because they are somebody else's.
  public let hiddenProcesses: Int
  /// Whether process 1 is one of them, which is no container's.
  public let isInitHidden: Bool
  /// What else could not be read, a sentence each.
  public let problems: [String]

  /// The namespace from which everything was read.
  public var host: NamespaceView { namespaces[0] }

  /// Reads the host that the calling thread's network namespace belongs to. What cannot be read becomes a problem, never an error.
  public init(cache: ResultCache = ResultCache()) throws {
    var reader = HostReader()
    let scan = try NamespaceScan()
    let home = try FileIdentity(path: "/proc/thread-self/ns/net")
    var found = scan.namespaces
    let own = found.removeValue(forKey: home) ?? NamespaceScan.Found()
    let attached = reader.attachments(cache)
    var others = found.compactMap { reader.view($0.key, $0.value, attached.byNamespace[$0.key]) }
    others.sort { ($0.age ?? 0, $1.identity.inode) > ($1.age ?? 0, $0.identity.inode) }
    namespaces = [reader.home(home, own)] + others
    peers = reader.peers(of: namespaces)
    parents = reader.parents(of: namespaces)
    members = HostView.members(namespaces, peers, parents)
    attachments = attached.all
    publishedPorts = reader.publishedPorts()
    (masqueraded, forwardObstacles) = reader.rules()
    routedLinks = reader.routedLinks()
    foreignPorts = reader.foreignPorts()
    foreignByAddress = Dictionary(grouping: foreignPorts, by: \.container)
    portsByAddress = Dictionary(grouping: publishedPorts, by: \.container)
    positions = HostView.positions(namespaces)
    hiddenProcesses = scan.hiddenProcesses
    isInitHidden = scan.isInitHidden
    problems = reader.problems
  }

  /// The places of the namespaces whose addresses are this host's business: joined to it by wires, directly or through others, or known by a name or,
  /// without wires, by an owner. What else there is may be another host's, with addresses of its own that are the same.
  public let members: Set<Int>

  /// Whether there may be namespaces of this host that could not be looked at, so that nothing can be said to be gone.
  public var isBlind: Bool {
    hiddenProcesses > 0 && geteuid() != 0 || members.contains { namespaces[$0].problem != nil }
  }

  /// Attachments on record whose namespace is gone.
  public var lostAttachments: [CachedAttachment] {
    attachments.filter { entry in
      let path = entry.request.networkNamespacePath
      return !path.isEmpty && (try? FileIdentity(path: path)) == nil
    }
  }

  /// The link with a number in a namespace.
  public func link(_ index: Int32, in namespace: Int) -> Link? {
    positions[End(namespace: namespace, link: index)].map { namespaces[namespace].links[$0] }
  }

  /// The other end of a link, if it is a veth and the other end's namespace could be read.
  public func peer(of link: Link, in namespace: Int) -> (namespace: Int, link: Link)? {
    guard let end = peers[End(namespace: namespace, link: link.index)], let other = self.link(end.link, in: end.namespace) else {
      return nil
    }
    return (end.namespace, other)
  }

  /// The bridge or other device that a link is a port of.
  public func master(of link: Link, in namespace: Int) -> Link? { link.masterIndex.flatMap { self.link($0, in: namespace) } }

  /// The ports of the host that lead to a link of a container: to one of its addresses, if its other end is on the host.
  public func publishedPorts(to link: Link, in namespace: Int) -> [HeldPort] {
    guard peers[End(namespace: namespace, link: link.index)]?.namespace == 0 else { return [] }
    return Set(namespaces[namespace].addresses(of: link).map(\.address.address)).flatMap { portsByAddress[$0] ?? [] }
      .sorted { ($0.port.hostPorts.lowerBound, $0.port.description) < ($1.port.hostPorts.lowerBound, $1.port.description) }
  }

  /// The same of rules of others.
  public func foreignPorts(to link: Link, in namespace: Int) -> [ForeignPort] {
    guard peers[End(namespace: namespace, link: link.index)]?.namespace == 0 else { return [] }
    return Set(namespaces[namespace].addresses(of: link).map(\.address.address)).flatMap { foreignByAddress[$0] ?? [] }
      .sorted { ($0.port.hostPorts.lowerBound, $0.port.description) < ($1.port.hostPorts.lowerBound, $1.port.description) }
  }

  /// What is published of a link, by whomever, as `8080->80/tcp`, each once: a port on all addresses is two elements, one of each family.
  public func arrows(to link: Link, in namespace: Int) -> [String] {
    let all = publishedPorts(to: link, in: namespace).map(\.port.arrow) + foreignPorts(to: link, in: namespace).map(\.port.arrow)
    return all.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func members(_ namespaces: [NamespaceView], _ peers: [End: End], _ parents: [End: End]) -> Set<Int> {
    var neighbors: [Int: Set<Int>] = [:]
    for (end, other) in Array(peers) + Array(parents) where end.namespace != other.namespace {
      neighbors[end.namespace, default: []].insert(other.namespace)
      neighbors[other.namespace, default: []].insert(end.namespace)
    }
    // A container whose cables lead to namespaces that are not this host's is of another host, with the same runtime.
    var found = Set(
      namespaces.indices.filter { place in
        place == 0 || !namespaces[place].paths.isEmpty || namespaces[place].owner.kind != .bare && neighbors[place] == nil
      })
    var next = Array(found)
    while let place = next.popLast() {
      for other in neighbors[place] ?? [] where found.insert(other).inserted { next.append(other) }
    }
    return found
  }

  private static func positions(_ namespaces: [NamespaceView]) -> [End: Int] {
    var positions: [End: Int] = [:]
    for (place, namespace) in namespaces.enumerated() {
      for (position, link) in namespace.links.enumerated() { positions[End(namespace: place, link: link.index)] = position }
    }
    return positions
  }
}
