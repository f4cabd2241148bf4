internal import Addresses
internal import CNI
internal import Glibc
internal import HostRules
internal import Linux
internal import Routing
internal import Rulesets
internal import WireGuard

/// Reads the parts of a `HostView`, and remembers what could not be read.
struct HostReader {
  private(set) var problems: [String] = []
  private var owners = OwnerSearch()
  private let uptime: Double

  init() {
    let text = ((try? FileSystem.readIfPresent("/proc/uptime")) ?? nil) ?? []
    uptime = Double(String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)) ?? 0
  }

  /// The runtimes' attachments, all of them and those of each namespace that is still there.
  mutating func attachments(_ cache: ResultCache) -> (all: [CachedAttachment], byNamespace: [FileIdentity: [CachedAttachment]]) {
    var all: [CachedAttachment] = []
    do { all = try cache.entries() } catch { problems.append("\(error)") }
    let located = all.compactMap { entry in
      (try? FileIdentity(path: entry.request.networkNamespacePath)).map { ($0, entry) }
    }
    return (all, Dictionary(grouping: located) { $0.0 }.mapValues { $0.map(\.1) })
  }

  /// The namespace of the calling thread.
  mutating func home(_ identity: FileIdentity, _ found: NamespaceScan.Found) -> NamespaceView {
    view(identity, found, NamespaceOwner(.host), age: Int(uptime)) { try HostReader.read() }
  }

  /// Another namespace; nil if it has ended with its processes.
  mutating func view(_ identity: FileIdentity, _ found: NamespaceScan.Found, _ attachments: [CachedAttachment]?) -> NamespaceView? {
    var owner = owners.owner(processes: found.processes, paths: found.paths)
    if owner.kind == .bare, let entry = attachments?.first(where: { $0.network != InterfaceAttachments.network }) {
      owner = NamespaceOwner(.cni, id: entry.request.containerID, name: owner.name ?? entry.request.containerID)
    }
    let view = view(identity, found, owner, age: age(found)) {
      let candidates = found.paths + found.processes.prefix(4).map { "/proc/\($0)/ns/net" }
      var failure: (any Error)?
      for path in candidates {
        do {
          let namespace = try NetworkNamespace(path: path)
          // The process may have ended, and its number gone to somebody else.
          guard try namespace.file.identity() == identity else { continue }
          return try namespace.inside { try HostReader.read() }
        } catch { failure = error }
      }
      throw failure ?? SystemError(.noEntry, "open the namespace")
    }
    let isGone = found.paths.isEmpty && found.processes.allSatisfy { (try? FileIdentity(path: "/proc/\($0)/ns/net")) != identity }
    return view.problem != nil && isGone ? nil : view
  }

  private func view(
    _ identity: FileIdentity, _ found: NamespaceScan.Found, _ owner: NamespaceOwner, age: Int?,
    _ read: () throws -> Content
  ) -> NamespaceView {
    var content = Content(), problem: String?
    do { content = try read() } catch { problem = "\(error)" }
    return NamespaceView(
      identity: identity, paths: found.paths, processes: found.processes, owner: owner, age: age, links: content.links,
      addresses: content.addresses, forwarding: content.forwarding, tunnelNeighbors: content.tunnelNeighbors,
      overlayRoutes: content.overlayRoutes, wireGuardDevices: content.wireGuardDevices, problem: problem)
  }

  private struct Content {
    var links: [Link] = [], addresses: [InterfaceAddress] = [], forwarding: [Neighbor] = [], tunnelNeighbors: [Neighbor] = []
    var overlayRoutes: [Route] = [], wireGuardDevices: [WireGuardState] = []
  }

  private static func read() throws -> Content {
    var socket = try RouteSocket(), content = Content()
    content.links = try socket.links(withTraffic: true)
    content.addresses = try socket.addresses()
    content.overlayRoutes = try socket.routes(.v4, origin: Route.overlayOrigin) + socket.routes(.v6, origin: Route.overlayOrigin)
    // Bridges' own tables are long, and say nothing that the wires do not.
    let tunnels = Set(content.links.filter { $0.vxlan != nil }.map(\.index))
    if !tunnels.isEmpty {
      content.forwarding = try socket.forwardingEntries()
      content.tunnelNeighbors = try socket.neighbors().filter { tunnels.contains($0.linkIndex) && $0.state.contains(.permanent) }
    }
    let devices = content.links.filter { $0.kind == WireGuardSocket.kind }
    if !devices.isEmpty, var wireguard = try? WireGuardSocket() {
      content.wireGuardDevices = devices.compactMap { try? wireguard.device(index: $0.index) }
    }
    return content
  }

  /// Seconds since the oldest of its processes started or, without processes, since the name was made.
  private func age(_ found: NamespaceScan.Found) -> Int? {
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    if let oldest = found.processes.prefix(64).compactMap({ ProcessStatus(running: $0)?.startTime }).min() {
      return max(0, Int(uptime - Double(oldest) / ticks))
    }
    // The file below the mount, which ip-netns(8) makes with the namespace, cannot be seen any more: its folder's listing tells nothing.
    return nil
  }

  /// Which links are the two ends of one.
  mutating func peers(of namespaces: [NamespaceView]) -> [HostView.End: HostView.End] {
    // A link says its peer's number, and by a number of its own namespace where that is. Both ends must say so of each other.
    var ends: [Pair: [HostView.End]] = [:]
    for (position, namespace) in namespaces.enumerated() {
      for link in namespace.links where link.kind == "veth" {
        guard let peer = link.linkIndex else { continue }
        ends[Pair(link.index, peer), default: []].append(HostView.End(namespace: position, link: link.index))
      }
    }
    let numbers = HostReader.numbers(of: namespaces)
    var peers: [HostView.End: HostView.End] = [:]
    for (pair, here) in ends {
      let there = ends[Pair(pair.other, pair.own)] ?? []
      for end in here {
        let others = there.filter { $0 != end }
        // Numbers repeat from host to host, so that a pair alone says nothing.
        peers[end] = others.first { HostReader.areJoined(end, $0, namespaces, numbers) }
      }
    }
    return peers
  }

  /// The links that others lie on: VLANs and VXLAN devices in their own namespace, a container's macvlan and ipvlan interfaces on the host's.
  mutating func parents(of namespaces: [NamespaceView]) -> [HostView.End: HostView.End] {
    var parents: [HostView.End: HostView.End] = [:]
    for (position, namespace) in namespaces.enumerated() {
      for link in namespace.links where link.kind != "veth" {
        guard let below = link.linkIndex, below != 0, below != link.index || link.linkNamespaceID != nil else { continue }
        let end = HostView.End(namespace: position, link: link.index)
        if link.linkNamespaceID == nil {
          if namespace.links.contains(where: { $0.index == below }) { parents[end] = HostView.End(namespace: position, link: below) }
        } else if position > 0, HostReader.areJoined(end, HostView.End(namespace: 0, link: below), namespaces, [:]) {
          parents[end] = HostView.End(namespace: 0, link: below)
        }
      }
    }
    return parents
  }

  /// The ports of the host that rules of others lead to containers.
  mutating func foreignPorts() -> [ForeignPort] {
    do { return try RulesetView().foreignPorts() } catch {
      problems.append("rules of others: \(error)")
      return []
    }
  }

  /// What a person who looks at the host's rules would tell of them in a picture.
  mutating func rules() -> (masqueraded: [IPAddress: String], obstacles: [ForwardObstacle]) {
    do {
      var rules = try HostRules()
      var masqueraded: [IPAddress: String] = [:]
      for holding in try rules.holdings() where holding.set.hasPrefix("masquerade_from") {
        if let address = IPAddress(holding.key) { masqueraded[address] = "leaves with the host's address" }
      }
      return (masqueraded, try rules.forwardObstacles())
    } catch {
      problems.append("rules: \(error)")
      return ([:], [])
    }
  }

  /// The host's links that routes lead by, other than those that the kernel makes for addresses.
  mutating func routedLinks() -> Set<Int32> {
    do {
      var socket = try RouteSocket()
      let routes = try socket.routes(.v4, table: nil) + socket.routes(.v6, table: nil)
      return Set(routes.filter { $0.type == 1 && $0.origin != 2 }.flatMap { $0.hops.compactMap(\.linkIndex) })
    } catch {
      problems.append("routes: \(error)")
      return []
    }
  }

  private struct Pair: Hashable {
    let own: Int32, other: Int32
    init(_ own: Int32, _ other: Int32) { (self.own, self.other) = (own, other) }
  }

  /// The numbers by which the host's namespace knows the others: one socket for all of them.
  private static func numbers(of namespaces: [NamespaceView]) -> [Int: Int32] {
    guard var socket = try? RouteSocket() else { return [:] }
    var numbers: [Int: Int32] = [:]
    for position in namespaces.indices.dropFirst() {
      if let namespace = try? open(namespaces, position), let number = try? socket.identifier(of: namespace) { numbers[position] = number }
    }
    return numbers
  }

  /// Whether the namespace of one end knows that of the other by the number that its link says; `numbers` are the host's.
  private static func areJoined(
    _ end: HostView.End, _ other: HostView.End, _ namespaces: [NamespaceView], _ numbers: [Int: Int32]
  ) -> Bool {
    let link = namespaces[end.namespace].links.first { $0.index == end.link }
    guard end.namespace != other.namespace else { return link?.linkNamespaceID == nil }
    guard let wanted = link?.linkNamespaceID else { return false }
    if end.namespace == 0 { return numbers[other.namespace] == wanted }
    if other.namespace == 0, let number = numbers[end.namespace] {
      return namespaces[0].links.first { $0.index == other.link }?.linkNamespaceID == number
    }
    do {
      let target = try open(namespaces, other.namespace), own = try open(namespaces, end.namespace)
      var socket = try own.inside { try RouteSocket() }
      return try socket.identifier(of: target) == wanted
    } catch { return false }
  }

  /// A namespace by its place; some of its processes may have ended since they were found.
  private static func open(_ namespaces: [NamespaceView], _ place: Int) throws -> NetworkNamespace {
    if place == 0 { return try NetworkNamespace.current() }
    let view = namespaces[place]
    for path in view.paths + view.processes.prefix(4).map({ "/proc/\($0)/ns/net" }) where (try? FileIdentity(path: path)) == view.identity {
      if let namespace = try? NetworkNamespace(path: path) { return namespace }
    }
    throw SystemError(.noEntry, "open the namespace")
  }

  /// The ports of the host that our table leads to containers.
  mutating func publishedPorts() -> [HeldPort] {
    do {
      var rules = try HostRules()
      return try rules.publishedPorts()
    } catch {
      problems.append("published ports: \(error)")
      return []
    }
  }
}
