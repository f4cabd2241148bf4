import Glibc
import Linux

/// Debian's etcd in the test's own namespaces: one member or several, on ports 2379, 2389, 2399 of all addresses.
///
/// The data are below /run, which is a tmpfs there, so that nothing waits for a disk.
public final class EtcdServers {
  /// The members' programs; nil while one is stopped.
  public private(set) var programs: [BackgroundProgram?]
  /// What etcdctl needs besides the endpoints.
  public var clientOptions: [String]
  /// The folder with the members' data and logs.
  public let folder: String
  private let options: [String]
  private let scheme: String

  /// Starts the members with further options, and waits until they serve.
  public init(
    count: Int = 1, scheme: String = "http", options: [String] = [], clientOptions: [String] = [], folder: String = "/run/etcd"
  ) throws {
    self.options = options
    self.scheme = scheme
    self.clientOptions = clientOptions
    self.folder = folder
    programs = Array(repeating: nil, count: count)
    try Command.run("ip link set lo up")
    try FileSystem.createFolders(folder)
    for number in 0..<count { try start(number) }
    try waitUntilServing()
  }

  /// A member's address for clients.
  public func endpoint(_ number: Int = 0, host: String = "127.0.0.1") -> String { "\(scheme)://\(host):\(2379 + 10 * number)" }

  /// All members' addresses, divided by commas.
  public func endpoints(host: String = "127.0.0.1") -> String { programs.indices.map { endpoint($0, host: host) }.joined(separator: ",") }

  /// Starts a member, with the data that it had.
  public func start(_ number: Int) throws {
    func peer(_ number: Int) -> String { "http://127.0.0.1:\(2380 + 10 * number)" }
    let members = programs.indices.map { "m\($0)=\(peer($0))" }.joined(separator: ",")
    programs[number] = try BackgroundProgram(
      [
        "etcd", "--name", "m\(number)", "--data-dir", "\(folder)/m\(number)", "--initial-cluster", members,
        "--listen-client-urls", endpoint(number, host: "0.0.0.0"), "--advertise-client-urls", endpoint(number),
        "--listen-peer-urls", peer(number), "--initial-advertise-peer-urls", peer(number), "--logger", "zap", "--log-outputs", "stderr",
      ] + options, log: "\(folder)/m\(number).log")
  }

  /// Ends a member by a signal.
  public func stop(_ number: Int, _ signal: Int32) {
    programs[number]?.end(signal)
    programs[number] = nil
  }

  /// Ends a member as an administrator does.
  public func stop(_ number: Int) { stop(number, SIGTERM) }

  /// Waits until the members that run have a leader.
  public func waitUntilServing() throws { try control("put", "/ready", "yes") }

  /// Runs etcdctl with the members that run; waits for them if they have just been started.
  @discardableResult
  public func control(_ words: String..., input: String = "") throws -> String {
    let running = programs.indices.filter { programs[$0] != nil }.map { endpoint($0) }.joined(separator: ",")
    let line = ["etcdctl", "--endpoints", running, "--dial-timeout=60s", "--command-timeout=60s"] + clientOptions + words
    let output = try Command.attempt(line, input: input, environment: ["ETCDCTL_API": "3"])
    guard output.status == 0 else { throw Command.Failure(description: "\(line.joined(separator: " ")): \(output)\n\(logs)") }
    return output.text
  }

  /// Makes the next member the leader.
  public func moveLeader() throws {
    let lines = try control("endpoint", "status").split(separator: "\n").map { $0.split(separator: ",").map { $0.drop { $0 == " " } } }
    guard let leader = lines.first(where: { $0[4] == "true" }), let follower = lines.first(where: { $0[4] == "false" }) else {
      throw Command.Failure(description: "no leader in \(lines)")
    }
    let output = try Command.attempt(
      ["etcdctl", "--endpoints", String(leader[0]), "move-leader", String(follower[1])], environment: ["ETCDCTL_API": "3"])
    guard output.status == 0 else { throw Command.Failure(description: "move-leader: \(output)") }
  }

  /// The number of the member that a process is connected to, this one if not told; the process must be in this network namespace.
  public func member(usedBy process: Int32? = nil) throws -> Int? {
    let lines = try Command.run("ss -Htnp state established").text.split(separator: "\n").filter {
      $0.contains("pid=\(process ?? getpid()),")
    }
    return programs.indices.first { number in lines.contains { $0.contains(":\(2379 + 10 * number) ") } }
  }

  private var logs: String { programs.compactMap { $0?.text.suffix(2000) }.joined(separator: "\n") }
}
