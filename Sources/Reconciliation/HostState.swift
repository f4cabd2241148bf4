internal import Addresses
internal import Linux
internal import Routing

/// The host's side of all attachments: its links and their addresses, listed once.
struct HostState {
  private let byIndex: [Int32: Link]
  private let byName: [String: Link]
  private let addresses: [Int32: [InterfaceAddress]]
  /// The VLANs of bridge ports by their numbers; empty unless they were asked for.
  let vlans: [Int32: [BridgeVLAN]]
  private let parameters: [String: String]

  /// Reads the calling thread's namespace.
  init(withVLANs: Bool, parameters names: Set<String>) throws {
    var socket = try RouteSocket()
    let links = try socket.links()
    byIndex = Dictionary(links.map { ($0.index, $0) }) { first, _ in first }
    byName = Dictionary(links.map { ($0.name, $0) }) { first, _ in first }
    addresses = Dictionary(grouping: try socket.addresses(), by: \.linkIndex)
    vlans = withVLANs ? try socket.bridgeVLANs() : [:]
    var values: [String: String] = [:]
    let folder = try SysctlFolder()
    for name in names { values[name] = try? folder.read(name) }
    parameters = values
  }

  func link(index: Int32) -> Link? { byIndex[index] }
  func link(named name: String) -> Link? { byName[name] }
  func addresses(of link: Link) -> [InterfaceAddress] { addresses[link.index] ?? [] }
  func parameter(_ name: String) -> String? { parameters[name] }
}
