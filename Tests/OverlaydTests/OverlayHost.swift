import Addresses
import Glibc
import JSON
import Linux
import Overlay
import Routing
import TestSupport

/// A network namespace that is a host of an overlay, with the folders that a host of its own would have.
final class OverlayHost {
  let number: Int
  let namespace: TestNamespace
  let runner: PluginRunner
  /// Where overlayd tells others.
  var state: StateFolder
  /// What outlives reboots.
  let dataFolder: String
  private let folder: String
  private let store: String
  private(set) var daemon: OverlaydProcess?

  init(_ number: Int, _ segment: Segment, mtu: Int) throws {
    self.number = number
    runner = segment.runner
    store = "directory:\(segment.folder)"
    folder = "/run/host\(number)"
    state = StateFolder(network: "lab", root: "\(folder)/state")
    dataFolder = "\(folder)/data"
    namespace = try TestNamespace()
    try FileSystem.createFolders(folder)
    try Command.run("ip link add port\(number) mtu \(mtu) type veth peer name lan0 mtu \(mtu) netns \(namespace.path)")
    try Command.run("ip link set port\(number) master under up")
    try run("ip link set lo up")
    try run("sysctl -qw net.ipv6.conf.lan0.accept_dad=0")
    try run("ip addr add 192.0.2.\(number)/24 dev lan0")
    try run("ip addr add fd00:2::\(number)/64 dev lan0 nodad")
    try run("ip link set lan0 up")
  }

  /// Runs a program on the host.
  @discardableResult
  func run(_ line: String) throws -> Command.Output { try namespace.run { try Command.run(line) } }

  /// What a program prints as JSON.
  func json(_ line: String) throws -> JSONValue { try run(line).json }

  /// Starts overlayd with further options; the last of an option counts.
  func start(_ options: [String] = []) throws {
    daemon = try OverlaydProcess(
      [
        "--network", "lab", "--interface", "lan0", "--state-folder", FileSystem.folder(of: state.path), "--data-folder", dataFolder,
        "--listen", "\(folder)/http",
      ] + (options.contains("--store") ? [] : ["--store", store]) + options, in: namespace, logFile: "\(folder)/log")
  }

  /// Ends overlayd by a signal.
  @discardableResult
  func stop(_ signal: Int32 = SIGKILL) -> Int32 {
    defer { daemon = nil }
    return daemon?.end(signal) ?? 0
  }

  /// Everything overlayd has said, in all its runs.
  var log: String { (try? FileSystem.read("\(folder)/log")).map { String(decoding: $0, as: UTF8.self) } ?? "" }

  /// Asks overlayd by HTTP.
  func http(_ path: String) throws -> Command.Output {
    try Command.attempt(["curl", "-s", "--fail-with-body", "--unix-socket", "\(folder)/http", "http://overlayd\(path)"])
  }

  /// A figure of /metrics.
  func metric(_ name: String) throws -> String {
    let line = try http("/metrics").text.split(separator: "\n").first { $0.hasPrefix("overlayd_\(name){") }
    return line?.split(separator: " ").last.map(String.init) ?? ""
  }

  /// Waits until something is so, and asks again whenever the state folder, the log or the kernel changes.
  func wait(_ what: String, until isSo: () throws -> Bool) throws {
    try FileSystem.createFolders(state.path)
    let files = try FileWatch("\(state.path)/state.json"), log = try FileWatch("\(folder)/log")
    let kernel = try namespace.run { try Kernel() }
    let deadline = Deadline(milliseconds: Int32(Patience.forAnswer.rawValue))
    while try !isSo() {
      guard deadline.remaining > 0 else { throw Command.Failure(description: "host \(number): in vain waited for \(what)\n\(self.log)") }
      var requests = [files.descriptor, log.descriptor, kernel.monitor.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      _ = poll(&requests, nfds_t(requests.count), deadline.remaining)
      files.acknowledge()
      log.acknowledge()
      try kernel.monitor.receive { _ in }
    }
  }

  private final class Kernel {
    var monitor: NetworkMonitor

    init() throws { monitor = try NetworkMonitor() }
  }

  /// Waits until overlayd has a lease and its data plane is in place, and answers the lease.
  @discardableResult
  func waitForLease(where isRight: (Lease) -> Bool = { _ in true }) throws -> Lease {
    var lease: Lease?
    try wait("a lease") {
      guard let now = try state.state(), now.isReady, now.process == daemon?.processID, let found = now.lease else { return false }
      lease = found
      return isRight(found)
    }
    return try lease.orThrow("no lease")
  }

  /// Waits until as many other hosts are in the kernel's tables.
  func waitForPeers(_ count: Int) throws {
    try waitForLease()
    try wait("\(count) peers") { try routes().count == count }
  }

  /// The overlay's IPv4 routes to other hosts: where to, and through whom.
  func routes() throws -> [String: String] {
    let lines = try json("ip -j -4 route show proto 79").elements
    return Dictionary(lines.map { ($0["dst"].string, $0["gateway"].string) }, uniquingKeysWith: { $1 })
  }

  /// Where frames of the overlay go: Ethernet address and host; nowhere while there is no device.
  func forwarding() throws -> [String: String] {
    let output = try namespace.run { try Command.attempt(["bridge", "-j", "fdb", "show", "dev", "ovl.1"]) }
    guard output.status == 0 else { return [:] }
    let lines = try output.json.elements
    return Dictionary(lines.map { ($0["mac"].string, $0["dst"].string) }, uniquingKeysWith: { $1 })
  }

  /// The permanent neighbours behind the tunnel: address and Ethernet address; none while there is no device.
  func neighbors() throws -> [String: String] {
    let output = try namespace.run { try Command.attempt(["ip", "-j", "neigh", "show", "dev", "ovl.1", "nud", "permanent"]) }
    guard output.status == 0 else { return [:] }
    let lines = try output.json.elements
    return Dictionary(lines.map { ($0["dst"].string, $0["lladdr"].string) }, uniquingKeysWith: { $1 })
  }

  /// The configuration of the plugin for this host's containers.
  func network(_ further: [(String, JSONValue)] = []) -> JSONValue {
    var network: JSONValue = [
      "cniVersion": "1.1.0", "name": "lab", "type": "overlay", "stateFolder": .string(FileSystem.folder(of: state.path)),
      "ipam": ["type": "host-local", "dataDir": .string("\(folder)/cni")],
    ]
    for (name, value) in further { network = network.with(name, value) }
    return network
  }

  /// Attaches a new container.
  func attach(_ id: String, _ further: [(String, JSONValue)] = []) throws -> OverlayContainer {
    let container = try TestNamespace()
    var runner = runner
    runner.containerID = id
    let result = try namespace.run { try runner.add(network(further), in: container) }
    try container.run { try Command.run("ip link set lo up") }
    return OverlayContainer(
      namespace: container, addresses: result["ips"].elements.compactMap { Subnet($0["address"].string)?.address }, result: result)
  }

  /// Runs a command of the plugin, whatever comes of it.
  func plugin(_ command: String, _ further: [(String, JSONValue)] = [], in container: TestNamespace? = nil, id: String = "c1") throws
    -> Command.Output
  {
    var runner = runner
    runner.containerID = id
    return try namespace.run { try runner.run(command, network(further), in: container) }
  }
}

/// A container on a host of an overlay.
struct OverlayContainer {
  let namespace: TestNamespace
  let addresses: [IPAddress]
  let result: JSONValue

  /// Its address of a family.
  func address(_ family: IPAddress.Family) throws -> String {
    try addresses.first { $0.family == family }.orThrow("no \(family) address in \(result.text)").description
  }
}

extension Optional {
  /// The value, or a failure that says what is missing.
  func orThrow(_ what: String) throws -> Wrapped {
    guard let self else { throw Command.Failure(description: what) }
    return self
  }
}
