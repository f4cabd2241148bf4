internal import Addresses
internal import ArgumentParser
internal import JSON
internal import Overlay
internal import OverlayDataPlane

/// `netctl overlay test`
struct OverlayTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Sends packets through the overlay to each other host: time, size, checksums, throughput.",
    discussion: """
      Nothing is needed at the other end. RTT is that of an ICMP echo; MTU the largest packet that arrives in one piece, which must be
      the overlay's; CHECKSUM whether UDP packets, whose checksums the kernel leaves to the network card, arrive whole; THROUGHPUT is
      estimated from the distance of the answers to 400 large echo requests. It takes root. The exit status is 1 if a host does not
      answer, if full packets do not arrive, or if checksums are wrong.

      Examples:
        netctl overlay test
        netctl overlay test lab --peer 10.244.3.0/24
      """)

  @OptionGroup var choice: OverlayChoice
  @Option(help: "Test only the host with this network, address or name.") var peer: String?
  @Flag(help: "Do not measure the throughput.") var noThroughput = false
  @OptionGroup var options: ViewOptions

  func run() throws {
    let chosen = try choice.folders().map { ($0, try $0.state(), try $0.peers()) }
    try options.enterNamespace()
    var results: [PeerTest] = []
    for (_, state, peers) in chosen {
      guard let state else { continue }
      for candidate in peers where isWanted(candidate) {
        // Each family may have a tunnel of its own.
        let hasTwoWays = state.ipv6Device != nil && candidate.dataPath == .wireguard
        for subnet in candidate.lease.subnets.prefix(hasTwoWays ? 2 : 1) {
          results.append(try PeerTest(candidate, subnet, state, measuresThroughput: !noThroughput))
        }
      }
    }
    if let peer, results.isEmpty { throw Problem("no other host of these networks is \(Terminal.plain(peer))", .usage) }
    if options.json {
      Terminal.write(JSONValue.object(JSONObject([("peers", .array(results.map { .object($0.json) }))])).indented() + "\n")
    } else {
      var table = TextTable([
        .init("NETWORK", rank: 1), .init("SUBNET"), .init("ADDRESS", rank: 1), .init("RTT"), .init("MTU"), .init("CHECKSUM"),
        .init("THROUGHPUT"),
        .init("PROBLEM"),
      ])
      for result in results { table.add(result.row) }
      Terminal.write(table.text(options.terminal))
    }
    if results.contains(where: { $0.problem != nil }) { throw Verdict.finding }
  }

  private func isWanted(_ candidate: OverlayPeer) -> Bool {
    guard let peer else { return true }
    let lease = candidate.lease
    return (lease.subnets.map(\.description) + lease.publicAddresses.map(\.description) + [lease.hostName ?? ""]).contains(peer)
  }
}

/// What was measured on the way to one host.
private struct PeerTest {
  let network: String
  let peer: OverlayPeer
  /// The networks that the tested way leads to.
  let networks: String
  let target: IPAddress?
  let roundTrip: Int64?
  let largest: Int?
  let checksums: Bool?
  let throughput: Double?
  let mtu: Int

  /// `subnet` is the network that is tested.
  init(_ peer: OverlayPeer, _ subnet: Subnet, _ state: OverlayState, measuresThroughput: Bool) throws {
    self.peer = peer
    let hasTwoWays = state.ipv6Device != nil && peer.dataPath == .wireguard
    networks = hasTwoWays ? subnet.description : peer.lease.key.description
    network = state.network
    mtu = Int(state.mtu)
    // With a tunnel a network's own address is its host's, on the tunnel's device; without one the host's own address is the way.
    target = peer.dataPath == .hostGateway ? peer.lease.publicAddresses.first : subnet.address
    guard let target else {
      (roundTrip, largest, checksums, throughput) = (nil, nil, nil, nil)
      return
    }
    var probe = try PathProbe(target)
    // The first packet may wait for an answer to who has the address.
    _ = probe.roundTrip()
    roundTrip = probe.roundTrip()
    let answers = roundTrip != nil
    largest = answers ? probe.largestPacket(upTo: mtu) : nil
    // The other host answers no UDP here: it takes this one's address, the first of a network without a gateway, for an anycast address, to which
    // the kernel sends no errors. No checksum is left to the card in WireGuard anyway.
    let isUntold = peer.dataPath == .wireguard && target.family == .v6
    checksums = answers && !isUntold ? probe.checksumsArrive() : nil
    throughput = answers && measuresThroughput ? probe.throughput(packetSize: largest ?? 576) : nil
  }

  var problem: String? {
    if roundTrip == nil { return "no answer" }
    if let largest, largest < mtu { return "packets of more than \(largest) bytes are lost, the overlay's MTU is \(mtu)" }
    return checksums == false ? "UDP is lost: a network card gets checksums wrong, or a packet filter drops it" : nil
  }

  var row: [String] {
    [
      Terminal.plain(network), networks, peer.lease.publicAddresses.map(\.description).joined(separator: " "),
      roundTrip.map { "\($0 / 1_000_000).\(tenths($0)) ms" } ?? "", largest.map { "\($0)" } ?? "",
      checksums.map { $0 ? "right" : "wrong" } ?? "",
      throughput.map { "\(Int($0 / 1e6)) Mbit/s" } ?? "", problem ?? "",
    ]
  }

  private func tenths(_ nanoseconds: Int64) -> String {
    let digits = "\(nanoseconds / 1000 % 1000)"
    return String(repeating: "0", count: 3 - digits.count) + digits
  }

  var json: JSONObject {
    var object = JSONObject([
      ("network", .string(network)), ("lease", .object(peer.lease.json)), ("datapath", .string(peer.dataPath.rawValue)),
    ])
    object["target"] = target.map { .string($0.description) }
    object["roundTripNanoseconds"] = roundTrip.map { .integer($0) }
    object["largestPacket"] = largest.map { .integer(Int64($0)) }
    object["checksumsArrive"] = checksums.map { .bool($0) }
    object["bitsPerSecond"] = throughput.map { .integer(Int64($0)) }
    object["problem"] = problem.map { .string($0) }
    return object
  }
}
