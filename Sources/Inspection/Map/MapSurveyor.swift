internal import Addresses
internal import CNI
internal import HostRules
internal import IPAM
internal import Linux
internal import Routing

extension NetworkMap {
  /// Draws a host. `title` is what people call it.
  public init(_ host: HostView, title: String, leaks: [LeaseAudit.Leak] = []) {
    var surveyor = MapSurveyor(host, title, leaks)
    root = surveyor.trunk()
    loose = surveyor.rest()
    hidden = host.problems
  }
}

/// Walks along a host's wires, and takes each namespace and each link into the picture once.
struct MapSurveyor {
  private let host: HostView
  private let title: String
  private var leaks: [LeaseAudit.Leak]
  private var seenNamespaces: Set<Int> = []
  private var seenLinks: Set<HostView.End> = []
  /// The links that are ports of a bridge or another device, by that device.
  private var ports: [HostView.End: [Link]] = [:]
  /// The links that lie on another one: VLANs, and macvlans of containers.
  private var upper: [HostView.End: [HostView.End]] = [:]
  /// Who has an address, where that is more than one on a bridge.
  private let duplicates: Duplicates
  private let routed: Set<Int32>

  init(_ host: HostView, _ title: String, _ leaks: [LeaseAudit.Leak]) {
    self.host = host
    self.title = title
    self.leaks = leaks
    duplicates = Duplicates(host)
    routed = host.routedLinks
    for (place, namespace) in host.namespaces.enumerated() {
      for link in namespace.links {
        if let master = link.masterIndex { ports[HostView.End(namespace: place, link: master), default: []].append(link) }
        guard link.kind != "veth", link.masterIndex == nil else { continue }
        let end = HostView.End(namespace: place, link: link.index)
        if let parent = host.parents[end] { upper[parent, default: []].append(end) }
      }
    }
  }

  mutating func trunk() -> NetworkMap.Node {
    var node = NetworkMap.Node("n0", .host, title, "host")
    seenNamespaces.insert(0)
    node.problems = host.forwardObstacles.map { "\($0)" } + unattached()
    let tops = host.host.interfaces.filter { link in link.masterIndex == nil && host.parents[end(link, 0)]?.namespace != 0 }
    // A veth may be this host's own way out, where the host is somebody's container.
    let wires = tops.filter { link in
      link.kind == "veth" && upper[end(link, 0)] == nil
        && (host.peer(of: link, in: 0) != nil || host.host.addresses(of: link).isEmpty && !routed.contains(link.index))
    }
    for link in tops where !wires.contains(link) { node.branches.append(branch(to: link, in: 0)) }
    for link in wires { node.branches.append(contentsOf: wire(link, in: 0, isOnDevice: false)) }
    for (link, remote) in RemoteHost.direct(host.host) { node.branches.append(MapSurveyor.branch(to: remote, from: node, wire: link.name)) }
    for leak in leaks { node.problems.append(MapSurveyor.sentence(leak)) }
    return node
  }

  /// What the host's wires do not lead to.
  mutating func rest() -> [NetworkMap.Node] {
    host.namespaces.indices.compactMap { seenNamespaces.contains($0) ? nil : namespace($0) }
  }

  // MARK: nodes

  private mutating func branch(to link: Link, in place: Int, wire: String? = nil) -> NetworkMap.Branch {
    if seenLinks.contains(end(link, place)) {
      return NetworkMap.Branch(wire: wire, node: nil, target: id(link, place), name: link.name, interface: nil)
    }
    let node = device(link, in: place)
    return NetworkMap.Branch(wire: wire, node: node, target: node.id, name: node.name, interface: nil)
  }

  /// A bridge or another link that is not a wire.
  private mutating func device(_ link: Link, in place: Int) -> NetworkMap.Node {
    seenLinks.insert(end(link, place))
    var node = NetworkMap.Node(id(link, place), .link, link.name, link.kind ?? "device")
    node.facts = DeviceFacts.of(link, host, place)
    if !link.isUp { node.problems.append("is down") }
    for address in host.namespaces[place].addresses(of: link) where address.isDuplicate {
      node.problems.append("\(address.address.address) is somebody else's already")
    }
    if link.kind == "bridge" { node.problems += claim(link, place) }
    for port in ports[end(link, place)] ?? [] {
      if port.kind == "veth" {
        node.branches.append(contentsOf: wire(port, in: place, isOnDevice: true))
      } else {
        node.branches.append(branch(to: port, in: place))
      }
    }
    for other in upper[end(link, place)] ?? [] {
      guard let child = host.link(other.link, in: other.namespace) else { continue }
      node.branches.append(
        other.namespace == place ? branch(to: child, in: place) : branch(to: other.namespace, by: child.name, wire: child.kind))
    }
    if link.kind == "veth", host.peer(of: link, in: place) != nil { node.branches += wire(link, in: place, isOnDevice: true) }
    if let remotes = RemoteHost.behind(link, host.namespaces[place]) {
      if remotes.isEmpty { node.problems.append("knows no other host: nothing leaves it") }
      node.branches += remotes.map { MapSurveyor.branch(to: $0, from: node) }
    }
    return node
  }

  private static func branch(to remote: RemoteHost, from node: NetworkMap.Node, wire: String? = nil) -> NetworkMap.Branch {
    let digits = remote.name.utf8.map { String($0, radix: 16) }.joined()
    var other = NetworkMap.Node("\(node.id)r\(digits)", .remote, remote.name, remote.type)
    other.facts = remote.facts
    return NetworkMap.Branch(wire: wire, node: other, target: other.id, name: other.name, interface: nil)
  }

  /// A veth, and what is at its other end.
  private mutating func wire(_ link: Link, in place: Int, isOnDevice: Bool) -> [NetworkMap.Branch] {
    guard let peer = host.peer(of: link, in: place) else {
      var node = NetworkMap.Node("\(id(link, place))x", .lost, "?", "lost")
      if host.isBlind {
        node.facts = ["its other end cannot be seen without more rights"]
      } else {
        node.problems = ["the other end of \(link.name) is in a namespace that no name and no visible process leads to"]
      }
      return [NetworkMap.Branch(wire: link.name, node: node, target: node.id, name: "?", interface: nil)]
    }
    if peer.namespace == place {
      // Both ends are here: drawn once, from the first one.
      guard seenLinks.insert(end(link, place)).inserted, seenLinks.insert(end(peer.link, place)).inserted else { return [] }
      guard let master = host.master(of: peer.link, in: place) else { return [] }
      return [branch(to: master, in: place, wire: "\(link.name) - \(peer.link.name)")]
    }
    guard peer.namespace != 0 else { return [] }
    var branch = branch(to: peer.namespace, by: peer.link.name, wire: link.name)
    if place == 0, !isOnDevice, host.host.addresses(of: link).isEmpty, !routed.contains(link.index) {
      branch = branch.adding("\(link.name) is joined to nothing on the host: no bridge, no address, no route")
    } else if place == 0, !link.isUp {
      branch = branch.adding("\(link.name) is down on the host")
    }
    return [branch]
  }

  private mutating func branch(to place: Int, by interface: String, wire: String?) -> NetworkMap.Branch {
    let name = host.namespaces[place].title
    if seenNamespaces.contains(place) {
      return NetworkMap.Branch(wire: wire, node: nil, target: id(place), name: name, interface: interface)
    }
    return NetworkMap.Branch(wire: wire, node: namespace(place), target: id(place), name: name, interface: interface)
  }

  private mutating func namespace(_ place: Int) -> NetworkMap.Node {
    seenNamespaces.insert(place)
    let namespace = host.namespaces[place]
    var node = NetworkMap.Node(id(place), .namespace, namespace.title, namespace.owner.kind.rawValue)
    if let problem = namespace.problem { node.problems.append(problem) }
    if let process = namespace.processes.first {
      if node.name != "pid \(process)" { node.facts.append("pid \(process)") }
    } else if namespace.owner.kind == .bare {
      node.facts.append("no process inside")
    } else {
      node.problems.append("no process inside")
    }
    var branches: [NetworkMap.Branch] = []
    for link in namespace.interfaces where link.masterIndex == nil {
      if link.kind == "bridge" || link.vxlan != nil {
        branches.append(branch(to: link, in: place))
        continue
      }
      node.facts.append(DeviceFacts.line(link, namespace))
      for port in host.arrows(to: link, in: place) where !node.ports.contains(port) { node.ports.append(port) }
      for address in namespace.addresses(of: link) {
        let subnet = address.address
        if host.peer(of: link, in: place)?.namespace == 0, let masked = host.masqueraded[subnet.address] { node.facts.append(masked) }
        if address.isDuplicate { node.problems.append("\(subnet.address) is somebody else's already") }
        for other in duplicates.others(subnet.address, place, host) {
          node.problems.append("\(subnet.address) is also \(host.namespaces[other].title)'s")
        }
      }
      if !link.isUp, link.kind == "veth" || !namespace.addresses(of: link).isEmpty { node.problems.append("\(link.name) is down inside") }
      guard link.kind == "veth", let peer = host.peer(of: link, in: place), peer.namespace != 0, peer.namespace != place,
        !seenNamespaces.contains(peer.namespace)
      else { continue }
      branches += wire(link, in: place, isOnDevice: false)
    }
    node.facts = node.facts.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    node.branches = branches
    return node
  }

  // MARK: what is missing

  /// The reserved addresses of a bridge's networks that nobody uses.
  private mutating func claim(_ bridge: Link, _ place: Int) -> [String] {
    let subnets = host.namespaces[place].addresses(of: bridge).map(\.address.network)
    let mine = leaks.filter { leak in subnets.contains { $0.contains(leak.address) } }
    leaks.removeAll { leak in subnets.contains { $0.contains(leak.address) } }
    return mine.map { MapSurveyor.sentence($0) }
  }

  private static func sentence(_ leak: LeaseAudit.Leak) -> String {
    "\(leak.address) is reserved in network \(leak.network) for \(leak.owner?.containerID.prefix(20) ?? "nobody"), but \(leak.reason)"
  }

  /// Attachments on record whose namespace is gone.
  private func unattached() -> [String] {
    host.lostAttachments.map { entry in
      "container \(entry.request.containerID.prefix(20)) is on record in network \(entry.network), but its namespace is gone"
    }
  }

  private func end(_ link: Link, _ place: Int) -> HostView.End { HostView.End(namespace: place, link: link.index) }
  /// The number of a namespace's file stays as long as the namespace does.
  private func id(_ place: Int) -> String { place == 0 ? "n0" : "n\(host.namespaces[place].identity.inode)" }
  private func id(_ link: Link, _ place: Int) -> String { "\(id(place))l\(link.index)" }
}

extension NetworkMap.Branch {
  /// The same with something wrong at its lower end.
  fileprivate func adding(_ problem: String) -> NetworkMap.Branch {
    var node = node
    node?.problems.append(problem)
    return NetworkMap.Branch(wire: wire, node: node, target: target, name: name, interface: interface)
  }
}
