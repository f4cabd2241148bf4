internal import Addresses
internal import ArgumentParser
internal import JSON
internal import Overlay
internal import Routing

/// `netctl overlay peers`
struct OverlayPeersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "peers", abstract: "The other hosts of each overlay, and whether the kernel knows the way to them.",
    discussion: """
      The kernel's tables are compared with what overlayd says it has put there: PROBLEM names what is missing. Then the exit status is 1.

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
      .init("PROBLEM"),
    ])
    var peers: [JSONValue] = [], hasProblem = false
    for folder in try choice.folders() {
      let state = try folder.state()
      for peer in try folder.peers() {
        let problem = peer.fault ?? kernel.problem(of: peer, device: state?.device)
        if problem != nil { hasProblem = true }
        var object = peer.json
        object["network"] = .string(state?.network ?? "")
        object["problem"] = problem.map { .string($0) }
        peers.append(.object(object))
        table.add([
          Terminal.plain(state?.network ?? ""), peer.lease.key.description, peer.lease.hostName.map { Terminal.plain($0) } ?? "",
          peer.lease.publicAddresses.map(\.description).joined(separator: " "), peer.dataPath.rawValue,
          "\(max(0, WallClock.seconds - peer.lastChange)) s ago", problem.map { Terminal.plain($0) } ?? "",
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

  init() throws {
    var socket = try RouteSocket()
    routes = try socket.routes(.v4) + socket.routes(.v6)
    forwarding = try socket.forwardingEntries()
    links = Dictionary(try socket.links(kind: "vxlan").map { ($0.name, $0.index) }, uniquingKeysWith: { $1 })
  }

  /// What is missing on the way to a peer; nil if nothing is.
  func problem(of peer: OverlayPeer, device: String?) -> String? {
    for subnet in peer.lease.subnets where !routes.contains(where: { $0.destination == subnet && $0.gateway != nil }) {
      return "no route to \(subnet)"
    }
    guard peer.dataPath == .vxlan else { return nil }
    guard let index = device.flatMap({ links[$0] }) else { return "device \(device ?? "") is missing" }
    guard let mac = peer.lease.macAddress else { return nil }
    let hosts = forwarding.filter { $0.linkIndex == index && $0.macAddress == mac }.compactMap(\.address)
    return hosts.contains(where: peer.lease.publicAddresses.contains) ? nil : "no forwarding entry for \(mac)"
  }
}
