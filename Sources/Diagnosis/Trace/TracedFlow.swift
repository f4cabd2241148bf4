public import Addresses
import HostRules
public import Inspection
import Routing
import Rulesets

/// The packets between those who ask and what is asked, under all its names: a container's own address and port, and the published ones.
public struct TracedFlow: Sendable {
  /// One end of a packet's way.
  public struct End: Hashable, Sendable {
    /// Its address.
    public let address: IPAddress
    /// Its port; nil for a protocol without ports.
    public let port: UInt16?
  }

  /// The protocol; nil for ICMP and ICMPv6.
  public let transport: TransportProtocol?
  /// Who is asked.
  public let asked: [End]
  /// Where it is looked: places in the host's view, that of the host first.
  public let places: [Int]
  /// Who asks; nil for everybody.
  private let askers: Set<IPAddress>?

  /// Finds out under which names something is asked. `isFromAll` takes packets from everybody, whoever the question says asks.
  public init(_ question: Question, _ host: HostView, isFromAll: Bool) throws(QuestionError) {
    let joined = host.joinedNamespaces.sorted()
    let own = host.host.addresses.map(\.address.address).filter { !$0.isLinkLocal }
    let place = { (address: IPAddress) in
      joined.first { place in host.namespaces[place].addresses.contains { $0.address.address == address && !address.isLoopback } }
    }
    var asked: [End] = [], places = [0]
    switch question.target {
    case .namespace(let position):
      asked = host.namespaces[position].interfaces.flatMap { host.namespaces[position].addresses(of: $0) }.map {
        End(address: $0.address.address, port: question.port)
      }
      places.append(position)
      if asked.isEmpty { throw QuestionError(description: "\(host.namespaces[position].title) has no address, so nothing can come to it") }
    case .address(let address):
      asked = [End(address: address, port: question.port)]
      if let place = place(address) { places.append(place) }
    }
    if let port = question.port {
      // A published port has two numbers.
      let published = host.publishedPorts.map { ($0.port, $0.container) } + host.foreignPorts.map { ($0.port, $0.container) }
      let direct = asked.map(\.address)
      for (entry, container) in published where entry.transport == question.transport {
        let entrances = entry.singleAddress.map { [$0] } ?? own.filter { $0.family == container.family }
        let inside = entry.containerPort...(entry.containerPort + UInt16(entry.hostPorts.count - 1))
        if direct.contains(container), inside.contains(port) {
          asked += entrances.map { End(address: $0, port: entry.hostPorts.lowerBound + (port - entry.containerPort)) }
        }
        if entry.hostPorts.contains(port), entrances.contains(where: { direct.contains($0) }) {
          asked.append(End(address: container, port: entry.containerPort + (port - entry.hostPorts.lowerBound)))
          if let place = place(container) { places.append(place) }
        }
      }
    }
    var askers: Set<IPAddress>?
    switch question.origin {
    case .lan: break
    case .host: askers = Set(own)
    case .namespace(let position):
      askers = Set(host.namespaces[position].addresses.map(\.address.address))
      places.append(position)
    case .address(let address):
      askers = [address]
      if let place = place(address) { places.append(place) }
    }
    var seen: Set<Int> = [], known: Set<End> = []
    self.askers = isFromAll ? nil : askers
    self.places = places.filter { seen.insert($0).inserted }
    self.asked = asked.filter { known.insert($0).inserted }
    transport = question.port == nil ? nil : question.transport
  }

  /// For the kernel.
  var filters: [TraceFilter] {
    asked.map { TraceFilter(transport?.number ?? ($0.address.family == .v4 ? 1 : 58), $0.address, $0.port) }
  }

  /// Whether such packets belong to the flow. `aliases` are ends that rules have lent to those who ask.
  func contains(_ source: End, _ destination: End, _ aliases: Set<End> = []) -> Bool {
    let isAsked = { (end: End) in asked.contains { $0.address == end.address && ($0.port == nil || $0.port == end.port) } }
    let isAsker = { (end: End) in askers?.contains(end.address) ?? true || aliases.contains(end) }
    return isAsked(destination) && isAsker(source) || isAsked(source) && isAsker(destination)
  }

  /// Whether something that is asked sends it.
  public func isAnswer(from source: End) -> Bool {
    asked.contains { $0.address == source.address && ($0.port == nil || $0.port == source.port) }
  }
}

extension TracedFlow.End: CustomStringConvertible {
  /// `192.0.2.1:80`, `[fd00::1]:80`
  public var description: String {
    guard let port else { return "\(address)" }
    return address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }
}
