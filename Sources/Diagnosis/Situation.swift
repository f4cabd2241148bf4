public import Addresses
import CNI
public import Inspection
import NFTables
public import Routing
public import Rulesets

/// Everything that is known when causes are looked for.
public final class Situation {
  /// The question.
  public let question: Question
  /// The host.
  public let host: HostView
  /// What is asked of each namespace, as far as it was needed.
  private var facts: [Int: NamespaceFacts] = [:]
  /// The namespace that the packet begins in; nil for somebody outside.
  public internal(set) var originNamespace: Int?
  /// The link of the host by which somebody outside comes in.
  public internal(set) var entrance: Link?
  /// The packet as it begins.
  public internal(set) var packet: Packet
  /// The address and port that are asked for, after names have been looked up.
  public var destination: IPAddress { packet.destination }
  /// The namespaces that it passes.
  public internal(set) var hops: [Hop] = []
  /// The same for the answer, the first one where the packet arrived.
  public internal(set) var answers: [Hop] = []
  /// The container that is meant, as far as that is clear: by its name, its address, or a published port.
  public internal(set) var container: Int?
  /// Ports of the host that rules of others publish.
  public internal(set) var foreignPorts: [ForeignPort] = []
  /// What the live attempt brought; nil as long as there was none.
  public internal(set) var probe: Probe.Result?

  init(_ question: Question, _ host: HostView, packet: Packet) {
    self.question = question
    self.host = host
    self.packet = packet
  }

  /// What is asked of a namespace.
  public func facts(_ namespace: Int) -> NamespaceFacts {
    if let known = facts[namespace] { return known }
    let new = NamespaceFacts(path: namespace == 0 ? nil : host.namespaces[namespace].path)
    facts[namespace] = new
    return new
  }

  /// `host`, or the container's name.
  public func name(_ namespace: Int) -> String {
    if namespace == 0 { return "host" }
    let view = host.namespaces[namespace]
    if let name = view.owner.name ?? view.owner.id { return name }
    return view.paths.first.map { String($0.split(separator: "/").last ?? "?") } ?? view.processes.first.map { "process \($0)" } ?? "?"
  }

  /// What a person writes for the namespace in a command; nil for the host.
  public func handle(_ namespace: Int) -> String? {
    namespace == 0 ? nil : host.namespaces[namespace].owner.name ?? host.namespaces[namespace].owner.id ?? host.namespaces[namespace].path
  }

  /// A command in a namespace.
  public func command(_ words: String, in namespace: Int) -> String {
    handle(namespace).map { "netctl enter \($0) -- \(words)" } ?? words
  }

  /// The namespace that has an address, and its link.
  public func owners(of address: IPAddress) -> [(namespace: Int, link: Link)] {
    joined.sorted().flatMap { position in
      host.namespaces[position].addresses.filter { $0.address.address == address }.compactMap { entry in
        host.link(entry.linkIndex, in: position).map { (position, $0) }
      }
    }
  }

  /// The namespaces that links join to the host, the host's own included. Others cannot be reached from it.
  public private(set) lazy var joined: Set<Int> = host.joinedNamespaces

  /// The last hop, if the packet arrived in it.
  public var delivery: Hop? { hops.last.flatMap { $0.isLocal ? $0 : nil } }

  /// All hops there and back.
  public var allHops: [Hop] { hops + answers }

  /// All ways from link to link, there and back.
  public var crossings: [(hop: Hop, crossing: Crossing)] { allHops.compactMap { hop in hop.crossing.map { (hop, $0) } } }

  /// Names that others have chosen and that hold what a shell does not take for a letter.
  var unsafeNames: Set<String> {
    var names = host.namespaces.flatMap { view in
      view.links.map(\.name) + view.paths + [view.owner.name, view.owner.id].compactMap { $0 }
    }
    names += host.attachments.flatMap { [$0.network, $0.request.containerID, $0.request.interfaceName, $0.request.networkNamespacePath] }
    for entry in facts.values { names += entry.readRuleset?.chains.flatMap { [$0.table.name, $0.name] } ?? [] }
    return Set(names.filter { !$0.utf8.allSatisfy(Situation.isPlain) })
  }

  /// Whether a shell takes it for a letter.
  static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: "_-./:@%+,=".utf8.contains(byte)
    }
  }

  /// What could not be seen, a sentence each.
  public var blindSpots: [String] {
    facts.sorted { $0.key < $1.key }.flatMap { entry in entry.value.problems.map { "\(name(entry.key)): \($0)" } }
  }
}
