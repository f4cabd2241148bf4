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
      HANDSHAKE is when WireGuard last agreed on keys with a host: every two minutes while packets pass; with a tunnel for each family that
      of IPv4 first.

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
        let problem = peer.fault ?? kernel.problem(of: peer, state)
        if problem != nil { hasProblem = true }
        var object = peer.json
        object["network"] = .string(state?.network ?? "")
        let secured = kernel.secured(peer)
        if !secured.isEmpty {
          object["lastHandshake"] = secured.compactMap(\.lastHandshake).max().map { .integer($0) }
          object["receivedBytes"] = .integer(Int64(clamping: secured.reduce(0) { $0 + $1.receivedBytes }))
          object["sentBytes"] = .integer(Int64(clamping: secured.reduce(0) { $0 + $1.sentBytes }))
          object["endpoints"] = .array(secured.compactMap { $0.peer.endpoint.map { .string("\($0)") } })
        }
        object["problem"] = problem.map { .string($0) }
        peers.append(.object(object))
        table.add([
          Terminal.plain(state?.network ?? ""), peer.lease.key.description, peer.lease.hostName.map { Terminal.plain($0) } ?? "",
          peer.lease.publicAddresses.map(\.description).joined(separator: " "), peer.dataPath.rawValue,
          "\(max(0, WallClock.seconds - peer.lastChange)) s ago",
          secured.map { $0.lastHandshake.map { "\(max(0, WallClock.seconds - $0)) s ago" } ?? "never" }.joined(separator: ", "),
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
  /// WireGuard devices by their links' numbers, and those links' names.
  private var secure: [Int32: WireGuardState]
  private var names: [Int32: String]

  init() throws {
    var socket = try RouteSocket()
    routes = try socket.routes(.v4) + socket.routes(.v6)
    forwarding = try socket.forwardingEntries()
    links = Dictionary(try socket.links(kind: "vxlan").map { ($0.name, $0.index) }, uniquingKeysWith: { $1 })
    (secure, names) = ([:], [:])
    for link in try socket.links(kind: WireGuardSocket.kind) {
      var devices = try WireGuardSocket()
      secure[link.index] = try devices.device(index: link.index)
      names[link.index] = link.name
    }
  }

  /// The WireGuard device that packets to a network go into; nil without one.
  private func way(to subnet: Subnet) -> Int32? {
    routes.first { $0.destination == subnet && $0.gateway == nil && $0.linkIndex.map { secure[$0] != nil } ?? false }?.linkIndex
  }

  private func found(_ peer: OverlayPeer, on device: Int32) -> WireGuardState.Peer? {
    let key = peer.lease.wireguardKey.flatMap { WireGuardKey($0) }
    return secure[device]?.peers.first { $0.peer.publicKey == key }
  }

  /// What has become of a peer on each of the WireGuard devices that packets to it go into; empty for other data paths.
  func secured(_ peer: OverlayPeer) -> [WireGuardState.Peer] {
    guard peer.dataPath == .wireguard else { return [] }
    var devices: [Int32] = []
    for device in peer.lease.subnets.compactMap(way) where !devices.contains(device) { devices.append(device) }
    return devices.compactMap { found(peer, on: $0) }
  }

  /// What is missing on the way to a peer; nil if nothing is.
  func problem(of peer: OverlayPeer, _ state: OverlayState?) -> String? {
    if peer.dataPath == .wireguard { return securityProblem(of: peer, state) }
    for subnet in peer.lease.subnets where !routes.contains(where: { $0.destination == subnet && $0.gateway != nil }) {
      return "no route to \(subnet)"
    }
    guard peer.dataPath == .vxlan else { return nil }
    guard let index = state?.device.flatMap({ links[$0] }) else { return "device \(state?.device ?? "") is missing" }
    guard let mac = peer.lease.macAddress else { return nil }
    let hosts = forwarding.filter { $0.linkIndex == index && $0.macAddress == mac }.compactMap(\.address)
    return hosts.contains(where: peer.lease.publicAddresses.contains) ? nil : "no forwarding entry for \(mac)"
  }

  private func securityProblem(of peer: OverlayPeer, _ state: OverlayState?) -> String? {
    for device in [state?.device, state?.ipv6Device] {
      if let device, !names.values.contains(device) { return "device \(device) is missing" }
    }
    for subnet in peer.lease.subnets {
      guard let device = way(to: subnet) else { return "no route to \(subnet)" }
      let name = names[device] ?? ""
      guard let found = found(peer, on: device) else { return "no WireGuard peer with its key on \(name)" }
      if !found.peer.allowed.contains(subnet) { return "the WireGuard peer on \(name) may not have \(subnet)" }
      if found.lastHandshake == nil, found.sentBytes > 0 {
        return "it agrees on no keys: UDP to \(found.peer.endpoint.map { "\($0)" } ?? "it") does not get there, or it has another key"
      }
    }
    return nil
  }
}
