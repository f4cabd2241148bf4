internal import Glibc

/// The process that stays with a container: it holds its terminal and logs, waits for its end, and cleans up.
public enum Supervisor {
  /// The first argument that makes this executable a supervisor.
  public static let flag = "--supervise"
  /// The descriptors that a supervisor starts with besides the standard ones.
  static let client: Int32 = 3, claim: Int32 = 4

  /// Supervises the container that the arguments name until it has ended for good, and answers the process's exit code.
  public static func main(_ arguments: [String]) -> Int32 {
    guard arguments.count == 6, let wishes = UInt8(arguments[5]) else { return 125 }
    let places = Places(root: arguments[1], run: arguments[2], plugins: arguments[3], networks: arguments[4])
    // A program that closes its input must not end its supervisor.
    signal(SIGPIPE, SIG_IGN)
    for descriptor in [client, claim] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    let supervision = Supervision(
      id: arguments[0], store: ContainerStore(places), claim: ContainerClaim(inherited: claim, id: arguments[0], in: places),
      client: Client(client, wishes: Frame.Wishes(rawValue: wishes)))
    return supervision.run()
  }

  /// The arguments for `main`.
  static func arguments(id: String, places: Places, wishes: Frame.Wishes) -> [String] {
    [flag, id, places.root, places.run, places.plugins, places.networks, "\(wishes.rawValue)"]
  }
}
