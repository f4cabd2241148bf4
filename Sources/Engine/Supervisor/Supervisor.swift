internal import Glibc

/// The process that stays with a container: it holds its terminal and logs, waits for its end, and cleans up.
public enum Supervisor {
  /// The first argument that makes this executable a supervisor.
  public static let flag = "--supervise"
  /// The descriptor that a supervisor starts with besides the standard ones: its end of the conversation with the command.
  static let client: Int32 = 3

  /// Supervises the container that the arguments name, as soon as the command says so, until it has ended for good; answers the process's exit code.
  public static func main(_ arguments: [String]) -> Int32 {
    guard arguments.count == 5 else { return 125 }
    let places = Places(root: arguments[1], run: arguments[2], plugins: arguments[3], networks: arguments[4])
    // A program that closes its input must not end its supervisor.
    signal(SIGPIPE, SIG_IGN)
    _ = fcntl(client, F_SETFD, FD_CLOEXEC)
    guard let greeting = Greeting(receivedFrom: client) else { return 0 }
    let log = open("\(places.container(arguments[0]))/supervisor.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    dup2(log, STDERR_FILENO)
    close(log)
    let supervision = Supervision(
      id: arguments[0], store: ContainerStore(places), claim: ContainerClaim(received: greeting.claim, id: arguments[0], in: places),
      client: Client(client, wishes: greeting.wishes))
    return supervision.run()
  }

  /// The arguments for `main`.
  static func arguments(id: String, places: Places) -> [String] {
    [flag, id, places.root, places.run, places.plugins, places.networks]
  }
}
