internal import Addresses
internal import ArgumentParser
internal import JSON
internal import Overlay
internal import Routing
internal import WireGuard

/// `netctl overlay peers`
struct OverlayPeersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers", abstract: "The other hosts of each overlay, and whether the kernel knows the way to them.",
    discussion: """
      The kernel's tables are compared with what overlayd says it has put there: PROBLEM names what is missing. Then the exit status is 1.
      HANDSHAKE is when WireGuard last agreed on keys with a host: every two minutes while packets pass.

      Examples:
        netctl overlay peers lab
      """)

  @OptionGroup var choice: OverlayChoice
  @OptionGroup var options: ViewOptions

  func run() throws {
    try options.enterNamespace()
    let kernel = try KernelWays()
    var table = TextTable([
      .init("NETWORK", rank: 1), .init("SUBNET"), .init("HOST"), .init("ADDRESS"), .init("DATAPATH"), .init("CHANGED", rank: 2),
      .init("HANDSHAKE", rank: 3), .init("PROBLEM"),
    ])
    var peers: [JSONValue] = [], hasProblem = false
    for folder in try choice.folders() {
      let state = try folder.state()
      for peer in try folder.peers() {
        let problem = peer.fault ?? kernel.problem(of: peer, device: state?.device)
        if problem != nil { hasProblem = true }
        var object = peer.json
        object["network"] = .string(state?.network ?? "")
        let secured = kernel.secured(peer, device: state?.device)
        if let secured {
          object["lastHandshake"] = secured.lastHandshake.map { .integer($0) }
          object["receivedBytes"] = .integer(Int64(clamping: secured.receivedBytes))
          object["sentBytes"] = .integer(Int64(clamping: secured.sentBytes))
        }
        object["problem"] = problem.map { .string($0) }
        peers.append(.object(object))
        table.add([
          Terminal.plain(state?.network ?? ""), peer.lease.key.description, peer.lease.hostName.map { Terminal.plain($0) } ?? "",
          peer.lease.publicAddresses.map(\.description).joined(separator: " "), peer.dataPath.rawValue,
          "\(max(0, WallClock.seconds - peer.lastChange)) s ago",
          secured.map { $0.lastHandshake.map { "\(max(0, WallClock.seconds - $0)) s ago" } ?? "never" } ?? "",
          problem.map { Terminal.plain($0) } ?? "",
        ])
      }
    }
    if options.json {
      Terminal.write(JSONValue.object(JSONObject([("peers", .array(peers))])).indented() + "\n")
    } else {
      Terminal.write(table.text(options.terminal))
    }
    if hasProblem { throw Verdict.finding }
  }
}

/// The kernel's tables, read once.
private struct KernelWays {
  private let routes: [Route]
  private let forwarding: [Neighbor]
  private let links: [String: Int32]
  private var secure: [String: WireGuardState]

  init() throws {
    var socket = try RouteSocket()
    routes = try socket.routes(.v4) + socket.routes(.v6)
    forwarding = try socket.forwardingEntries()
    links = Dictionary(try socket.links(kind: "vxlan").map { ($0.name, $0.index) }, uniquingKeysWith: { $1 })
    secure = [:]
    for link in try socket.links(kind: WireGuardSocket.kind) {
      var devices = try WireGuardSocket()
      secure[link.name] = try devices.device(index: link.index)
    }
  }

  /// What has become of a peer of a WireGuard device; nil for other data paths, and if the device has no such peer.
  func secured(_ peer: OverlayPeer, device: String?) -> WireGuardState.Peer? {
    guard peer.dataPath == .wireguard, let key = peer.lease.wireguardKey.flatMap({ WireGuardKey($0) }) else { return nil }
    return device.flatMap { secure[$0] }?.peers.first { $0.peer.publicKey == key }
  }

  /// What is missing on the way to a peer; nil if nothing is.
  func problem(of peer: OverlayPeer, device: String?) -> String? {
    for subnet in peer.lease.subnets
    where !routes.contains(where: { $0.destination == subnet && ($0.gateway != nil || peer.dataPath == .wireguard) }) {
      return "no route to \(subnet)"
    }
    if peer.dataPath == .wireguard {
      if device.flatMap({ secure[$0] }) == nil { return "device \(device ?? "") is missing" }
      guard let found = secured(peer, device: device) else { return "no WireGuard peer with its key" }
      if let missing = peer.lease.subnets.first(where: { !found.peer.allowed.contains($0) }) {
        return "the WireGuard peer may not have \(missing)"
      }
      guard found.lastHandshake == nil, found.sentBytes > 0 else { return nil }
      return "it agrees on no keys: UDP to \(found.peer.endpoint.map { "\($0)" } ?? "it") does not get there, or it has another key"
    }
    guard peer.dataPath == .vxlan else { return nil }
    guard let index = device.flatMap({ links[$0] }) else { return "device \(device ?? "") is missing" }
    guard let mac = peer.lease.macAddress else { return nil }
    let hosts = forwarding.filter { $0.linkIndex == index && $0.macAddress == mac }.compactMap(\.address)
    return hosts.contains(where: peer.lease.publicAddresses.contains) ? nil : "no forwarding entry for \(mac)"
  }
}
