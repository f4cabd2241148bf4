internal import CLinux
internal import Glibc
internal import Linux

/// Starts containers: each by a supervisor of its own.
public struct SupervisorLauncher: Sendable {
  private let store: ContainerStore

  /// A launcher for the containers of a store.
  public init(_ store: ContainerStore) { self.store = store }

  /// Starts the supervisor of a container that does not run; the ID may be one that no container has yet.
  public func launch(_ id: String) throws -> WaitingSupervisor {
    let claim: ContainerClaim
    switch try ContainerClaim.take(id, in: store.places) {
    case .taken(let taken): claim = taken
    case .held: throw EngineError("container \(id.prefix(12)) is already running", exitCode: 1)
    case .orphaned(let orphan):
      try ContainerUpkeep(store).cleanUp(orphan)
      return try launch(id)
    }
    var sockets: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &sockets) == 0 else {
      let failure = SystemError(.last, "make a pair of sockets")
      try claim.release()
      throw failure
    }
    let connection = Connection(adopting: sockets[0]), other = OwnedFile(adopting: sockets[1])
    do { try spawn(id, socket: other.descriptor) } catch {
      try claim.release()
      throw error
    }
    return WaitingSupervisor(id: id, claim: claim, connection: connection)
  }

  private func spawn(_ id: String, socket: Int32) throws(SystemError) {
    var actions = posix_spawn_file_actions_t(), attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    // Above the target, so that dup2 does what it should.
    let high = fcntl(socket, F_DUPFD_CLOEXEC, 10)
    guard high >= 0 else { throw SystemError(.last, "copy a descriptor") }
    defer { close(high) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    posix_spawn_file_actions_adddup2(&actions, high, Supervisor.client)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // POSIX_SPAWN_SETSID: a terminal's signals are not for the supervisor.
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK) | 0x80)
    let words = ["berth"] + Supervisor.arguments(id: id, places: store.places)
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, &arguments, environ)
    guard failure == 0 else { throw SystemError(Errno(rawValue: failure), "start a supervisor") }
  }
}
