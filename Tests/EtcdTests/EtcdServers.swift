import Etcd
import Glibc
import Linux
import OverlayControl
import TestSupport

/// Debian's etcd in the test's own namespaces: one member or several, on ports 2379, 2389, 2399 of the loopback interface.
///
/// The data are below /run, which is a tmpfs there, so that nothing waits for a disk.
final class EtcdServers {
  /// A member's program; nil while it is stopped.
  private(set) var programs: [BackgroundProgram?] = []
  private let options: [String]
  private let scheme: String
  /// What etcdctl needs besides the endpoints.
  var clientOptions: [String] = []
  let folder: String

  /// Starts the members and waits until they serve.
  init(count: Int = 1, scheme: String = "http", options: [String] = [], clientOptions: [String] = [], folder: String = "/run/etcd") throws {
    self.options = options
    self.scheme = scheme
    self.clientOptions = clientOptions
    self.folder = folder
    try Command.run("ip link set lo up")
    try FileSystem.createFolders(folder)
    programs = Array(repeating: nil, count: count)
    for number in 0..<count { try start(number) }
    try control("put", "/ready", "yes")
  }

  /// The address of a member for clients. Members also listen on 127.0.0.2, which a test can cut off while etcdctl still reaches them.
  func endpoint(_ number: Int = 0, host: String = "127.0.0.1") -> String { "\(scheme)://\(host):\(2379 + 10 * number)" }

  /// All of them, for a store.
  func configuration(host: String = "127.0.0.1") throws -> EtcdConfiguration {
    EtcdConfiguration(endpoints: try programs.indices.map { try EtcdEndpoint(endpoint($0, host: host)).required })
  }

  /// Starts a member, with the data that it had.
  func start(_ number: Int) throws {
    func peer(_ number: Int) -> String { "http://127.0.0.1:\(2380 + 10 * number)" }
    let members = programs.indices.map { "m\($0)=\(peer($0))" }.joined(separator: ",")
    programs[number] = try BackgroundProgram(
      [
        "etcd", "--name", "m\(number)", "--data-dir", "\(folder)/m\(number)", "--initial-cluster", members,
        "--listen-client-urls", "\(endpoint(number)),\(endpoint(number, host: "127.0.0.2"))",
        "--advertise-client-urls", endpoint(number), "--listen-peer-urls", peer(number), "--initial-advertise-peer-urls", peer(number),
        "--logger", "zap", "--log-outputs", "stderr",
      ] + options, log: "\(folder)/m\(number).log")
  }

  /// Ends a member.
  func stop(_ number: Int, _ signal: Int32 = Glibc.SIGTERM) {
    programs[number]?.end(signal)
    programs[number] = nil
  }

  /// Runs etcdctl with the members that run; waits for them if they have just been started.
  @discardableResult
  func control(_ words: String..., input: String = "") throws -> String {
    let running = programs.indices.filter { programs[$0] != nil }.map { endpoint($0) }.joined(separator: ",")
    let line = ["etcdctl", "--endpoints", running, "--dial-timeout=60s", "--command-timeout=60s"] + clientOptions + words
    let output = try Command.attempt(line, input: input, environment: ["ETCDCTL_API": "3"])
    guard output.status == 0 else { throw Command.Failure(description: "\(line.joined(separator: " ")): \(output)\n\(logs)") }
    return output.text
  }

  /// The number of the member that this process is connected to.
  func memberInUse() throws -> Int? {
    let lines = try Command.run("ss -Htnp state established").text.split(separator: "\n").filter { $0.contains("pid=\(getpid()),") }
    return programs.indices.first { number in lines.contains { $0.contains(":\(2379 + 10 * number) ") } }
  }

  private var logs: String { programs.compactMap { $0?.text.suffix(2000) }.joined(separator: "\n") }
}

extension Optional {
  /// The value, which a test knows to be there.
  var required: Wrapped {
    get throws {
      guard let self else { throw Command.Failure(description: "nil where \(Wrapped.self) was expected") }
      return self
    }
  }
}
