import Conntrack
public import Inspection
import Linux
import Netlink
import Routing
import Rulesets

/// Hears what becomes of a flow's packets, on the host and in the containers that it concerns.
public struct FlowTracer: ~Copyable {
  /// Something that was heard.
  enum Word {
    case packet(TraceEvent, place: Int)
    case connection(ConnectionEvent, place: Int)
  }

  private var events: NetlinkSocket
  private let rules: [TraceRules]
  /// The kernel tells of connections only where somebody of the namespace itself listens.
  private let listeners: [Listener]
  private let placesByNumber: [Int32: Int]
  /// Namespaces that could not be looked into, and why, a sentence each.
  public private(set) var blindSpots: [String] = []
  /// Files of the namespaces that are traced, by their places; nil for the caller's own.
  let paths: [Int: String?]

  private final class Listener {
    let socket: NetlinkSocket
    init() throws {
      socket = try NetlinkSocket(.netfilter, groups: ConnectionEvent.groups)
      // Nobody reads it.
      try socket.setBufferSizes(receive: 4096)
    }
  }

  /// Begins, in the network namespace of the calling thread and those that the flow concerns.
  public init(_ flow: TracedFlow, _ host: HostView) throws {
    let events = try NetlinkSocket(.netfilter, groups: [TraceEvent.group] + ConnectionEvent.groups)
    try events.setBufferSizes(receive: 8 << 20)
    var rules: [TraceRules] = [], listeners: [Listener] = [], places: [Int32: Int] = [:], paths: [Int: String?] = [:]
    var blindSpots: [String] = [], routes = try RouteSocket()
    for place in flow.places {
      if place == 0 {
        rules.append(try TraceRules(flow.filters))
        paths[0] = .some(nil)
        continue
      }
      let view = host.namespaces[place]
      guard let path = view.path else { continue }
      do {
        let namespace = try NetworkNamespace(path: path)
        guard let number = try routes.identifier(of: namespace) else {
          blindSpots.append("\(view.title): no cable leads there from this host")
          continue
        }
        if places.isEmpty { try events.listenToAllNamespaces() }
        let (rule, listener) = try namespace.inside { Pair(try TraceRules(flow.filters), try Listener()) }.both
        rules.append(rule)
        listeners.append(listener)
        places[number] = place
        paths[place] = path
      } catch { blindSpots.append("\(view.title): \(error)") }
    }
    self.events = consume events
    self.rules = rules
    self.listeners = listeners
    placesByNumber = places
    self.paths = paths
    self.blindSpots = blindSpots
  }

  private struct Pair {
    let both: (TraceRules, Listener)
    init(_ rules: TraceRules, _ listener: Listener) { both = (rules, listener) }
  }

  /// For poll(2).
  public var descriptor: Int32 { events.descriptor }

  /// Takes what has come, without waiting. Answers whether something was lost because too much had come.
  mutating func take(_ body: (Word) -> Void) throws(NetlinkError) -> Bool {
    let places = placesByNumber
    do {
      _ = try events.receiveBroadcasts { (type, flags, number, payload) throws(NetlinkError) -> Bool? in
        guard let place = number.map({ places[$0] }) ?? 0 else { return nil }
        if let event = TraceEvent(type: type, payload: payload) {
          body(.packet(event, place: place))
        } else if let event = ConnectionEvent(type: type, flags: flags, payload: payload) {
          body(.connection(event, place: place))
        }
        return nil
      }
      return false
    } catch {
      guard error.code == .noBuffers else { throw error }
      return true
    }
  }
}
