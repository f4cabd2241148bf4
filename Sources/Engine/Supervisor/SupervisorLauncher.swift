internal import CLinux
internal import Glibc
internal import Linux

/// Starts containers: each by a supervisor of its own.
public struct SupervisorLauncher: Sendable {
  private let store: ContainerStore

  /// A launcher for the containers of a store.
  public init(_ store: ContainerStore) { self.store = store }

  /// Starts the supervisor of a container that does not run, and answers the conversation with it: the first message is `started` or `failed`.
  ///
  /// `size` is that of the command's terminal, which the container's gets.
  public func launch(_ id: String, wishes: Frame.Wishes = [], size: (rows: UInt16, columns: UInt16)? = nil) throws -> Connection {
    let claim: ContainerClaim
    switch try ContainerClaim.take(id, in: store.places) {
    case .taken(let taken): claim = taken
    case .held: throw EngineError("container \(id.prefix(12)) is already running", exitCode: 1)
    case .orphaned(let orphan):
      try ContainerUpkeep(store).cleanUp(orphan)
      return try launch(id, wishes: wishes, size: size)
    }
    var sockets: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &sockets) == 0 else {
      let failure = SystemError(.last, "make a pair of sockets")
      try claim.release()
      throw failure
    }
    let connection = Connection(adopting: sockets[0]), other = OwnedFile(adopting: sockets[1])
    // Before the supervisor runs: the container's terminal is made with this size.
    if let size { connection.send(.size(rows: size.rows, columns: size.columns)) }
    do { try spawn(id, wishes, socket: other.descriptor, claim: claim.descriptor) } catch {
      try claim.release()
      throw error
    }
    claim.handOver()
    return connection
  }

  private func spawn(_ id: String, _ wishes: Frame.Wishes, socket: Int32, claim: Int32) throws(SystemError) {
    var actions = posix_spawn_file_actions_t(), attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    // Above all targets first, so that no dup2 overwrites what another one needs.
    let high = try [socket, claim].map { (descriptor) throws(SystemError) -> Int32 in
      let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 10)
      guard copy >= 0 else { throw SystemError(.last, "copy a descriptor") }
      return copy
    }
    defer { for descriptor in high { close(descriptor) } }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_addopen(&actions, 2, "\(store.places.container(id))/supervisor.log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, high[0], Supervisor.client)
    posix_spawn_file_actions_adddup2(&actions, high[1], Supervisor.claim)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // POSIX_SPAWN_SETSID: a terminal's signals are not for the supervisor.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | 0x80)
    let words = ["berth"] + Supervisor.arguments(id: id, places: store.places, wishes: wishes)
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, &arguments, environ)
    guard failure == 0 else { throw SystemError(Errno(rawValue: failure), "start a supervisor") }
  }
}
