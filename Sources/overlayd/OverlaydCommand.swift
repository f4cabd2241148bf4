internal import Addresses
internal import ArgumentParser
internal import CLinux
internal import Glibc
internal import Linux
internal import Overlay
internal import OverlayDataPlane

/// The command line.
struct OverlaydCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "overlayd",
    abstract: "Joins the containers of many hosts in one network: takes this host's part of it, and programs the ways to the others.",
    discussion: """
      One process serves one network; several networks need several of them. Whatever is on the command line goes before the same
      in the configuration file, whose members have the names of the options: {"network": "lab", "store": "directory:/srv/lab"}.

      It never ends because a store or the kernel refuses something. SIGTERM ends it; the data plane stays as it is.

      Examples:
        overlayd --network lab --store directory:/srv/lab
        overlayd --config /etc/overlayd/lab.json --listen 127.0.0.1:9472
      """, helpNames: [.long, .short])

  @Option(help: "A file with the options below as members.") var config: String?
  @Option(help: "The network's name: that of the folder below the state folder where the plugin looks.") var network: String?
  @Option(help: "Where the hosts write their leases: directory:/path, static:/file or etcd:https://host:2379[,…].") var store: String?
  @Option(help: "The interface that leads to the other hosts; without it that of the default route.") var interface: String?
  @Option(help: "This host's IPv4 address for the others; without it the interface's first.") var publicAddress: String?
  @Option(name: .customLong("public-ipv6-address"), help: "The same for IPv6.") var publicIPv6Address: String?
  @Option(help: "Where health and metrics are served by HTTP: address:port, or a path for a Unix socket; nowhere by default.") var listen:
    String?
  @Option(help: "For how long a lease lasts without renewal, in seconds; 3600 by default.") var leaseSeconds: Int?
  @Option(help: "For how long a lease's network stays free after that, in seconds; 600 by default.") var quarantineSeconds: Int?
  @Option(help: "After how long without the store STATUS tells so, in seconds; 600 by default.") var contactLimit: Int?
  @Option(help: "The folder where plugin, netctl and berth look; /run/overlayd by default.") var stateFolder: String?
  @Option(help: "The folder that outlives reboots; /var/lib/overlayd by default.") var dataFolder: String?

  func run() throws {
    let settings: DaemonSettings
    do { settings = try DaemonSettings(self) } catch { throw ValidationError("\(error)") }
    let log = Logger(network: settings.network)
    let signals = clinux_signals([SIGTERM, SIGINT], 2)
    guard signals >= 0 else { throw SystemError(Errno(rawValue: -signals), "wait for signals") }
    let folder = StateFolder(network: settings.network, root: settings.stateFolder)
    try FileSystem.createFolders(folder.path)
    guard let lock = try FileLock(ifFree: "\(folder.path)/lock") else {
      throw ValidationError("another overlayd serves the network \(settings.network) on this host: \(folder.path)/lock is held")
    }
    let agent = try OverlayAgent(settings, folder, log)
    if let listen = settings.listen { try HealthServer(listen, agent.health, log).start() }
    Task { await agent.run() }
    var wait = pollfd(fd: signals, events: Int16(POLLIN), revents: 0)
    while poll(&wait, 1, -1) < 1 {}
    log.info("stopping: the data plane stays as it is")
    ServiceManager()?.notify("STOPPING=1")
    lock.unlock()
  }
}
