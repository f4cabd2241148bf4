internal import Addresses
internal import ArgumentParser
internal import IPAM
internal import Inspection
internal import JSON

/// `netctl ipam release`
struct IPAMReleaseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release", abstract: "Gives reserved addresses free that nobody uses any more.",
    discussion: """
      An address that a namespace has is not given free, unless --force says so.

      Examples:
        netctl ipam release containers 10.88.0.7
        netctl ipam release containers --leaked
      """)

  @OptionGroup var options: ViewOptions
  @Option(name: .long, help: "The folder with the network configurations; NETCONFPATH in the environment does the same.") var conf: String?
  @Flag(name: .long, help: "All that netctl ipam check would tell of.") var leaked = false
  @Flag(name: .long, help: "Although a container may use it.") var force = false
  @Argument(help: "The network.") var network: String
  @Argument(help: "The addresses.") var addresses: [String] = []

  func run() throws {
    let host = try options.host(), audit = LeaseAudit(host, networks: [])
    let network = try LeasedNetwork.named(network, among: LeasedNetwork.all(conf).networks)
    var wanted = try addresses.map { try IPAMReserveCommand.address($0) }
    if leaked { wanted += network.leases.filter { audit.reason($0.address, $0.owner) != nil }.map(\.address) }
    if wanted.isEmpty && !leaked { throw Problem("ipam release: which address? Or --leaked for all that nobody uses", .usage) }
    for address in wanted {
      guard let lease = network.leases.first(where: { $0.address == address }) else {
        throw Problem("\(address) is not reserved in network \(Terminal.plain(network.name))", .usage)
      }
      let holder = lease.owner?.containerID ?? "nobody"
      let isFree = audit.reason(address, lease.owner) != nil || holder.hasPrefix(LeaseAudit.reservationPrefix)
      guard force || isFree else {
        throw Problem("\(address) is reserved for \(Terminal.plain(holder)), which is there; --force gives it free all the same", .finding)
      }
    }
    guard var store = try LeaseStore(existing: network.folder, afterReboot: .keep) else { return }
    var released: [JSONValue] = []
    for address in wanted where try store.release(address) {
      let holder = network.leases.first { $0.address == address }?.owner?.containerID
      released.append(["address": .string("\(address)"), "container": holder.map { .string($0) } ?? .null])
      if !options.json { Terminal.write("released \(address), which was reserved for \(Terminal.plain(holder ?? "nobody"))\n") }
    }
    if options.json { Terminal.write(JSONValue.object(JSONObject([("released", .array(released))])).indented() + "\n") }
    if released.isEmpty && !options.json { Terminal.write("nothing to release\n") }
  }
}

/// `netctl ipam reserve`
struct IPAMReserveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reserve", abstract: "Sets addresses of a network aside, so that no container gets them.",
    discussion: """
      For a printer or a router in the same network. It lasts until netctl ipam release, until the network's gc, and until the machine is
      started again, unless the network keeps leases across reboots; for longer than that, leave the address out of the network's range.

      Example:
        netctl ipam reserve containers 10.88.0.53 --reason printer
      """)

  @OptionGroup var options: ViewOptions
  @Option(name: .long, help: "The folder with the network configurations; NETCONFPATH in the environment does the same.") var conf: String?
  @Option(name: .long, help: "What is written down as the owner.") var reason = "netctl"
  @Argument(help: "The network.") var network: String
  @Argument(help: "The addresses.") var addresses: [String]

  func run() throws {
    try options.enterNamespace()
    let network = try LeasedNetwork.named(network, among: LeasedNetwork.all(conf).networks)
    guard !reason.isEmpty, reason.utf8.allSatisfy({ $0 > 32 && $0 < 127 }) else {
      throw Problem("--reason: expected a word of ASCII letters, got \(Terminal.plain(reason))", .usage)
    }
    let wanted = try addresses.map { try IPAMReserveCommand.address($0) }
    for address in wanted {
      guard network.set(containing: address) != nil else {
        let ranges = network.pools.map { "\($0.pool)" }.joined(separator: ", ")
        throw Problem("\(address): expected an address of network \(Terminal.plain(network.name)), which has \(ranges)", .usage)
      }
    }
    var store = try LeaseStore(creating: network.folder, afterReboot: .keep)
    for address in wanted {
      guard try store.reserve(address, for: LeasedNetwork.reservation(reason)) else {
        let holder = try LeaseStore.leases(in: network.folder).first { $0.address == address }?.owner?.containerID
        throw Problem("\(address) is reserved already, for \(Terminal.plain(holder ?? "nobody"))", .finding)
      }
      if !options.json { Terminal.write("reserved \(address) in network \(Terminal.plain(network.name))\n") }
    }
    if options.json {
      Terminal.write(JSONValue.object(JSONObject([("reserved", .array(wanted.map { .string("\($0)") }))])).indented() + "\n")
    }
  }

  /// An address on the command line.
  static func address(_ word: String) throws -> IPAddress {
    guard let address = IPAddress(word) else { throw Problem("expected an address, got \(Terminal.plain(word))", .usage) }
    return address
  }
}
