public import Addresses
public import Conntrack
import Linux
import Netlink
public import Routing
public import Rulesets
public import Sockets

/// What is asked of one network namespace, each once, when it is first needed.
public final class NamespaceFacts {
  private let path: String?
  private var rules: RulesetView??
  private var table: [Neighbor]?
  private var forwarding: [Neighbor]?
  private var vlans: [Int32: [BridgeVLAN]]?
  private var settings: [String: String?] = [:]
  /// Why something could not be read, a sentence each.
  public private(set) var problems: [String] = []

  /// The calling thread's namespace, for nil, or the one that a file names.
  init(path: String?) { self.path = path }

  /// Runs something inside the namespace.
  public func inside<Result>(_ body: () throws -> Result) throws -> Result {
    guard let path else { return try body() }
    return try NetworkNamespace(path: path).inside(body)
  }

  private func attempt<Result>(_ what: String, _ body: () throws -> Result) -> Result? {
    do { return try inside(body) } catch {
      problems.append("\(what): \(error)")
      return nil
    }
  }

  /// All packet filter rules; nil if the kernel does not let them be read.
  public var ruleset: RulesetView? {
    if let rules { return rules }
    let read = attempt("rules") { try RulesetView() }
    rules = .some(read)
    return read
  }

  /// The rules, if they have been read already.
  var readRuleset: RulesetView? { rules ?? nil }

  /// The kernel's answer for a packet.
  public func way(_ query: RouteQuery) -> Hop.Way? {
    do {
      return try inside {
        var socket = try RouteSocket()
        do throws(NetlinkError) { return .route(try socket.lookUp(query)) } catch { return .refused(error.code) }
      }
    } catch {
      problems.append("routes: \(error)")
      return nil
    }
  }

  /// The routes of all tables.
  public func routes(_ family: IPAddress.Family) -> [Route] {
    attempt("routes") {
      var socket = try RouteSocket()
      return try socket.routes(family, table: nil)
    } ?? []
  }

  /// Who has which Ethernet address.
  public var neighbors: [Neighbor] {
    if let table { return table }
    let read =
      attempt("neighbours") { () -> [Neighbor] in
        var socket = try RouteSocket()
        return try socket.neighbors()
      } ?? []
    table = read
    return read
  }

  /// The forwarding tables of bridges and VXLAN devices.
  public var forwardingEntries: [Neighbor] {
    if let forwarding { return forwarding }
    let read =
      attempt("forwarding tables") { () -> [Neighbor] in
        var socket = try RouteSocket()
        return try socket.forwardingEntries()
      } ?? []
    forwarding = read
    return read
  }

  /// The VLANs of bridge ports.
  public var bridgeVLANs: [Int32: [BridgeVLAN]] {
    if let vlans { return vlans }
    let read =
      attempt("bridge VLANs") { () -> [Int32: [BridgeVLAN]] in
        var socket = try RouteSocket()
        return try socket.bridgeVLANs()
      } ?? [:]
    vlans = read
    return read
  }

  /// Who listens on a port.
  public func listeners(_ transport: TransportProtocol, port: UInt16? = nil) -> [Listener] {
    attempt("sockets") {
      var diagnostics = try SocketDiagnostics()
      return try diagnostics.listeners(transport, ports: port.map { [$0...$0] } ?? [0...UInt16.max])
    } ?? []
  }

  /// Tracked connections; nil if they may not be read.
  public func connections(_ filter: ConnectionFilter) -> [Connection]? {
    attempt("tracked connections") {
      var table = try ConnectionTable()
      return try table.connections(matching: filter)
    }
  }

  /// A value below /proc/sys/net; nil if there is none.
  public func setting(_ name: String) -> String? {
    if let known = settings[name] { return known }
    let value = try? inside {
      let bytes = try FileSystem.read("/proc/sys/net/\(name)", limit: 4096)
      return String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
    }
    settings[name] = .some(value)
    return value
  }
}
