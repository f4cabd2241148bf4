import Addresses
import CNI
import HostRules
import Inspection
import Linux
import Routing
import Rulesets

/// Why a question cannot be looked into.
public struct QuestionError: Error, CustomStringConvertible {
  /// One sentence.
  public let description: String
}

/// Turns names into addresses, and finds where a packet begins.
struct Resolution {
  private let question: Question
  private let host: HostView

  init(_ question: Question, _ host: HostView) {
    self.question = question
    self.host = host
  }

  func situation() throws -> Situation {
    let foreign = (try? RulesetView())?.foreignPorts() ?? []
    var origin = question.origin, container: Int?, port = question.port
    var destination: IPAddress
    switch question.target {
    case .namespace(let position):
      container = position
      destination = try address(of: position)
      // From outside, a container is asked by way of its published port.
      if origin == .lan, position != 0 {
        if let published = publication(destination, port, foreign) {
          (destination, port) = (published.address, published.port)
        } else {
          destination = entranceAddress(nil, destination.family) ?? destination
        }
      }
    case .address(let address):
      destination = address
      container = host.joinedNamespaces.sorted().first {
        $0 != 0 && host.namespaces[$0].addresses.contains { $0.address.address == address }
      }
    }
    var source: IPAddress?, namespace: Int? = 0, entrance: Link?
    if case .address(let address) = origin {
      source = address
      let owner = host.joinedNamespaces.sorted().first { host.namespaces[$0].addresses.contains { $0.address.address == address } }
      origin = owner.map { $0 == 0 ? .host : .namespace($0) } ?? .lan
    }
    switch origin {
    case .host, .address: namespace = 0
    case .namespace(let position): namespace = position
    case .lan:
      namespace = nil
      guard let link = entranceLink(destination, source) else {
        throw QuestionError(
          description: "no interface of this host leads to a LAN: none that is up has an address, but for bridges of containers")
      }
      entrance = link
      let client = source ?? self.client(behind: link, destination.family)
      source = client
      // A namespace of this host may play the LAN, as in a laboratory: then it can be tried from there.
      if let peer = host.peer(of: link, in: 0), let client,
        host.namespaces[peer.namespace].addresses.contains(where: { $0.address.address == client })
      {
        namespace = peer.namespace
        entrance = nil
      }
    }
    var packet = Packet(
      question.transport, from: source ?? IPAddress(destination.family, 0), to: destination, port ?? 0,
      input: entrance.map { .init(name: $0.name, index: $0.index) })
    if source?.family != destination.family { packet.source = IPAddress(destination.family, 0) }
    let situation = Situation(question, host, packet: packet)
    situation.originNamespace = namespace
    situation.entrance = entrance
    situation.container = container
    situation.foreignPorts = foreign
    return situation
  }

  private func address(of namespace: Int) throws -> IPAddress {
    let view = host.namespaces[namespace]
    let all = view.interfaces.flatMap { view.addresses(of: $0) }.map(\.address.address)
    let cached = host.attachments.filter { $0.request.containerID == view.owner.id }.compactMap { $0.result }.flatMap {
      Recorded.addresses($0)
    }
    let wanted = (all + cached.map(\.address)).filter { question.family == nil || $0.family == question.family }
    if let address = wanted.first(where: { $0.family == .v4 }) ?? wanted.first { return address }
    let name = view.owner.name ?? view.owner.id ?? "the container"
    throw QuestionError(description: "\(name) has no \(question.family == .v6 ? "IPv6 " : "")address, and no runtime has recorded one")
  }

  /// The host's address and port that lead to a container's port.
  private func publication(_ container: IPAddress, _ port: UInt16?, _ foreign: [ForeignPort]) -> (address: IPAddress, port: UInt16)? {
    let all = host.publishedPorts.map { ($0.port, $0.container) } + foreign.map { ($0.port, $0.container) }
    let fitting = all.filter { published, target in
      target == container && published.transport == question.transport
        && (port.map { Int($0) - Int(published.containerPort) }.map { (0..<published.hostPorts.count).contains($0) } ?? true)
    }.map(\.0)
    guard let published = fitting.first(where: { $0.hostAddress?.isLoopback != true }) ?? fitting.first else { return nil }
    let number = UInt16(Int(published.hostPorts.lowerBound) + Int(port ?? published.containerPort) - Int(published.containerPort))
    guard let address = published.hostAddress, !address.isUnspecified, !address.isLoopback else {
      return entranceAddress(nil, container.family).map { ($0, number) }
    }
    return (address, number)
  }

  /// The links of the host that lead to other hosts: those that are up and have an address, but for loopback and bridges of containers.
  private var candidates: [Link] {
    host.host.links.filter { link in
      guard link.isUp, !link.flags.contains(.loopback), !host.host.addresses(of: link).isEmpty else { return false }
      guard link.kind == "bridge" else { return true }
      // A bridge with a port that is no container's leads outside.
      return host.host.links.contains { $0.masterIndex == link.index && host.peer(of: $0, in: 0) == nil && $0.kind != "veth" }
    }
  }

  private func entranceLink(_ destination: IPAddress, _ source: IPAddress?) -> Link? {
    if let source, let link = host.host.addresses.first(where: { $0.address.contains(source) }).flatMap({ host.link($0.linkIndex, in: 0) })
    {
      return link
    }
    if let own = host.host.addresses.first(where: { $0.address.address == destination }),
      let link = candidates.first(where: { $0.index == own.linkIndex })
    {
      return link
    }
    var socket = try? RouteSocket()
    if let anywhere = IPAddress(destination.family == .v4 ? "192.88.99.1" : "2001:db8::1"),
      let route = try? socket?.route(to: anywhere), let index = route.linkIndex, let link = candidates.first(where: { $0.index == index })
    {
      return link
    }
    return candidates.first { host.host.addresses(of: $0).contains { $0.address.family == destination.family } } ?? candidates.first
  }

  private func entranceAddress(_ link: Link?, _ family: IPAddress.Family) -> IPAddress? {
    guard let link = link ?? entranceLink(IPAddress(family, 0), nil) else { return nil }
    return host.host.addresses(of: link).map(\.address.address).first { $0.family == family }
  }

  /// Somebody on a link: a neighbour that is known, or an address that might be one's.
  private func client(behind link: Link, _ family: IPAddress.Family) -> IPAddress? {
    guard let own = host.host.addresses(of: link).first(where: { $0.address.family == family })?.address else { return nil }
    if let peer = host.peer(of: link, in: 0) {
      let view = host.namespaces[peer.namespace]
      if let address = view.addresses(of: peer.link).map(\.address.address).first(where: { own.contains($0) }) { return address }
    }
    var socket = try? RouteSocket()
    let known = (try? socket?.neighbors(family)) ?? []
    if let neighbor = known.first(where: { $0.linkIndex == link.index && $0.macAddress != nil && $0.address.map(own.contains) ?? false }) {
      return neighbor.address
    }
    let next = own.address.advanced(by: 1)
    return next.flatMap { own.contains($0) && $0 != own.lastAddress ? $0 : own.address.advanced(by: -1) }
  }
}
