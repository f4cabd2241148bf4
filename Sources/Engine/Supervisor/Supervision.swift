internal import CLinux
internal import Cgroups
internal import Containers
internal import Glibc
internal import Linux

/// A supervisor at work on one container, from its first start to its last end.
final class Supervision {
  let id: String
  let store: ContainerStore
  let events: EventLog
  /// As it was when it was last read or written.
  var record = ContainerRecord()
  var clients: [Client]
  var cgroup: Cgroup?
  var process: ContainerProcess?
  var streams: ContainerStreams?
  /// Tells that memory may have run out; nil without a limit.
  var memory: OutOfMemoryMonitor?
  var log: LogWriter?
  var health: HealthMonitor?
  /// How a healthcheck joins the container.
  var checkSpecification = ExecSpecification(arguments: [])
  var isFirstStart = true
  var terminalSize: (rows: UInt16, columns: UInt16) = (0, 0)
  /// How many milliseconds the last restart waited.
  var backoff: Int32 = 0
  /// When a container that was asked to stop is killed.
  var killDeadline: Deadline?
  var claim: ContainerClaim?
  /// Whether nothing is left of the last start.
  var isClean = true
  var listener: OwnedFile?
  let signals: Int32

  init(id: String, store: ContainerStore, claim: consuming ContainerClaim, client: Client) {
    self.id = id
    self.store = store
    self.claim = consume claim
    events = EventLog(store.places)
    clients = [client]
    signals = clinux_signals([SIGTERM, SIGINT, SIGHUP], 3)
  }

  /// Starts the container, and again as its policy says; answers the exit code of the supervisor.
  func run() -> Int32 {
    do {
      try open()
      try start()
    } catch {
      abandon(error)
      return 1
    }
    while true {
      let began = Deadline(milliseconds: 10_000)
      let code = watch()
      let again = settle(code, ranLong: began.remaining == 0)
      guard again, waitForRestart(ranLong: began.remaining == 0) else { break }
      do { try start() } catch {
        abandon(error)
        return 1
      }
    }
    finish(.ended(record.status.exitCode))
    return 0
  }

  /// Sends a message to everybody.
  func tell(_ frame: Frame) { for client in clients { client.send(frame) } }

  /// Reads the record, and makes the socket that commands connect to.
  private func open() throws {
    guard let record = try store.record(id) else { throw ContainerStore.missing(id) }
    self.record = record
    log = try LogWriter(store.places.log(id), LogOptions(driver: record.options.logDriver, options: record.options.logOptions))
    try listen()
  }

  private func listen() throws {
    let folder: OwnedFile
    do { folder = try OwnedFile(store.places.sockets, flags: [.place, .folder]) } catch {
      try FileSystem.createFolders(store.places.sockets, mode: 0o700)
      folder = try OwnedFile(store.places.sockets, flags: [.place, .folder])
    }
    let flags = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let socket = OwnedFile(adopting: Glibc.socket(AF_UNIX, flags, 0))
    // Only the holder of the claim comes here, so a socket of this name is a dead supervisor's.
    try FileSystem.remove("\(store.places.sockets)/\(id)")
    let outcome = SocketAddress.use("/proc/self/fd/\(folder.descriptor)/\(id)") { bind(socket.descriptor, $0, $1) }
    guard outcome == 0, Glibc.listen(socket.descriptor, 16) == 0 else {
      throw SystemError(.last, "listen on \(store.places.sockets)/\(id)")
    }
    listener = consume socket
  }

  /// What could not be started: cleans up, and says why.
  private func abandon(_ error: any Error) {
    let code = (error as? ContainerError)?.exitStatus ?? (error as? EngineError)?.exitCode ?? 125
    cleanUp()
    let update = try? store.update(id) {
      $0.status.state = $0.status.started == nil ? .created : .exited
      $0.status.exitCode = code == 1 ? 125 : code
      $0.status.error = "\(error)"
      $0.status.supervisor = ProcessIdentity()
      $0.status.process = ProcessIdentity()
      $0.ports = []
    }
    if let update { record = update }
    finish(.failed(code == 1 ? 125 : code, "\(error)"))
  }

  /// Gives everything up, removes the container if it is to remove itself, and tells the last message.
  private func finish(_ frame: Frame) {
    listener = nil
    do { try FileSystem.remove("\(store.places.sockets)/\(id)") } catch { complain(error) }
    // Otherwise the claim is left behind, and the next command cleans up.
    if isClean {
      if record.options.removesItself {
        do { try ContainerRemoval(store).remove(record, withVolumes: true) } catch { complain(error) }
      }
      do { try claim.take()?.release() } catch { complain(error) }
    }
    tell(frame)
    flush()
  }

  /// Waits until every command has taken what is for it, or is gone.
  private func flush() {
    while true {
      clients.removeAll { $0.isGone || !$0.hasOutput }
      if clients.isEmpty { return }
      var poller = Poller<Client>()
      for client in clients { poller.add(client.descriptor, client, reads: false, writes: true) }
      for (client, _) in poller.wait() { client.flush() }
    }
  }

  /// Writes what went wrong, but must not stop anything, to the container's `supervisor.log`.
  func complain(_ error: any Error) {
    let file = OwnedFile(adopting: STDERR_FILENO)
    try? file.write(Array("\(Timestamp.now()) \(error)\n".utf8))
    _ = file.release()
  }
}
