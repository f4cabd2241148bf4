import Glibc
import Linux

/// A real firewalld with a system bus of its own, inside the test's namespaces. Debian's package is unpacked by Tests/firewalls/unpack.
public final class FirewalldHost {
  private static let package = UnpackedPackage("firewalld")

  /// Whether there is a firewalld to start, and what it needs.
  public static var isAvailable: Bool { package.has("usr/sbin/firewalld", needing: ["dbus-daemon", "gdbus"]) }

  private let bus: pid_t
  private var daemon: pid_t?

  /// Starts the bus, and firewalld unless told otherwise; returns when it answers.
  public init(withoutDaemon: Bool = false) throws {
    try FileSystem.createFolders("/run/dbus")
    let configuration = """
      <busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
      <policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*" eavesdrop="true"/>
      <allow eavesdrop="true"/></policy></busconfig>
      """
    try FileSystem.create("/run/bus.conf", content: Array(configuration.utf8))
    bus = try FirewalldHost.pid(Command.run("dbus-daemon --config-file=/run/bus.conf --fork --print-pid").text)
    try FirewalldHost.package.show()
    try Command.run("cp -r \(FirewalldHost.package.folder)/etc/firewalld /etc/")
    try Command.run("ip link set lo up")
    if withoutDaemon { return }
    try Command.run("/usr/bin/python3 /usr/sbin/firewalld")
    try Command.run("gdbus wait --system --timeout 60 org.fedoraproject.FirewallD1")
    daemon = try FirewalldHost.pid(String(decoding: FileSystem.read("/run/firewalld.pid"), as: UTF8.self))
    // It has its name on the bus before it has loaded its rules.
    let deadline = Deadline(milliseconds: 60_000)
    while try Command.attempt(["firewall-cmd", "--state"]).status != 0 {
      guard deadline.remaining > 0 else { throw Command.Failure(description: "firewalld does not come up") }
    }
  }

  deinit {
    for pid in [daemon, bus].compactMap({ $0 }) { kill(pid, SIGKILL) }
  }

  /// Asks firewalld for the addresses in a zone, as a person would.
  public func sources(_ zone: String) throws -> [String] {
    try call("getSources", zone).split { !"0123456789abcdef.:/".contains($0) }.map(String.init).filter { $0.contains("/") }.sorted()
  }

  /// Ends firewalld; returns when it is gone.
  public func stop() throws {
    guard let pid = daemon else { return }
    daemon = nil
    kill(pid, SIGTERM)
    try Command.run("tail --pid=\(pid) -f /dev/null")
  }

  /// Calls a method of the zones' interface.
  @discardableResult
  public func call(_ method: String, _ arguments: String...) throws -> String {
    let words = [
      "gdbus", "call", "--system", "-d", "org.fedoraproject.FirewallD1", "-o", "/org/fedoraproject/FirewallD1", "-m",
      "org.fedoraproject.FirewallD1.zone.\(method)",
    ]
    let output = try Command.attempt(words + arguments)
    guard output.status == 0 else { throw Command.Failure(description: "\(method) \(arguments): \(output)") }
    return output.text
  }

  private static func pid(_ text: String) throws -> pid_t {
    guard let pid = pid_t(text.filter(\.isNumber)) else { throw Command.Failure(description: "no process number: \(text)") }
    return pid
  }
}
