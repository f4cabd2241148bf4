internal import Cgroups
internal import Glibc
internal import Linux

/// What commands do to one running container.
public struct ContainerControl {
  private let store: ContainerStore
  private let record: ContainerRecord

  /// Controls a container by its present record.
  public init(_ record: ContainerRecord, in store: ContainerStore) {
    self.record = record
    self.store = store
  }

  /// Whether its supervisor lives, so that it runs, or waits to be started again.
  public var isAlive: Bool { ContainerClaim.isHeld(record.id, in: store.places) }

  /// Sends a signal to its first process. SIGKILL, and the container's own stop signal, count as a stop by hand: no policy starts it again.
  public func signal(_ signal: Signal) throws {
    let process = record.status.process
    guard isAlive, process.isRunning else {
      throw EngineError("Cannot kill container: \(record.name): container \(record.id) is not running")
    }
    if signal == .kill || signal == record.stopSignal { try markStopped() }
    // Told before it is sent: the end that it brings comes after it.
    EventLog(store.places).append(Event("kill", record, [("signal", "\(signal.number)")]))
    try send(signal, process)
  }

  /// Passes on a signal that berth itself got.
  public func pass(_ signal: Signal) throws { try send(signal, record.status.process) }

  /// Asks it to end, kills it after so many seconds, never if negative; returns when it has been cleaned up. Does nothing if it does not run.
  public func stop(signal: Signal? = nil, seconds: Int) throws {
    guard isAlive else { return }
    try markStopped()
    if var connection = try connect(), let process = try awaitProcess(&connection) {
      try send(signal ?? record.stopSignal, process)
      try thawIfPaused()
      let deadline = seconds < 0 ? nil : Deadline(milliseconds: Int32(clamping: seconds * 1000))
      if !waitForEnd(&connection, until: deadline), process.isRunning {
        try send(.kill, process)
        _ = waitForEnd(&connection, until: nil)
      }
    }
    try waitForSupervisor()
    EventLog(store.places).append(Event("stop", record))
  }

  /// Kills it, and returns when it has been cleaned up.
  public func kill() throws {
    guard isAlive else { return }
    try markStopped()
    if var connection = try connect(), let process = try awaitProcess(&connection) {
      try send(.kill, process)
      try thawIfPaused()
    }
    try waitForSupervisor()
  }

  /// Removes it; one that runs only by force, by SIGKILL.
  public func remove(byForce: Bool, withVolumes: Bool) throws {
    if isAlive {
      guard byForce else {
        let advice =
          record.status.state == .paused
          ? "Unpause and then stop the container before attempting removal or force remove"
          : "Stop the container before attempting removal or force remove"
        throw EngineError("You cannot remove a \(record.status.state.rawValue) container \(record.id). \(advice)")
      }
      try kill()
    }
    // It may have removed itself at its end, or somebody else may.
    while try store.record(record.id) != nil {
      switch try ContainerClaim.take(record.id, in: store.places) {
      case .taken(let claim):
        if let present = try store.record(record.id) { try ContainerRemoval(store).remove(present, withVolumes: withVolumes) }
        return try claim.release()
      case .orphaned(let claim): try ContainerUpkeep(store).cleanUp(claim)
      case .held: try kill()
      }
    }
  }

  /// Waits until it has ended once, and answers the exit code.
  public func wait() throws -> Int32 {
    if isAlive, var connection = try Connection(to: record.id, in: store.places) {
      connection.send(.hello([]))
      while let frame = connection.receive() {
        switch frame {
        case .ended(let code), .failed(let code, _): return code
        default: break
        }
      }
      // Its supervisor was killed.
      try ContainerUpkeep(store).run()
    }
    return try store.record(record.id)?.status.exitCode ?? record.status.exitCode
  }

  /// Freezes all processes.
  public func pause() throws {
    guard isAlive, record.status.process.isRunning else { throw EngineError("Container \(record.id) is not running") }
    guard record.status.state != .paused else { throw EngineError("Container \(record.id) is already paused") }
    guard !record.status.cgroup.isEmpty else {
      throw EngineError("Cannot pause container \(record.id): it has no cgroup of its own to freeze")
    }
    try cgroup.freeze()
    try store.update(record.id) { $0.status.state = .paused }
    EventLog(store.places).append(Event("pause", record))
  }

  /// Lets all processes go on.
  public func unpause() throws {
    guard record.status.state == .paused else { throw EngineError("Container \(record.id) is not paused") }
    try thaw()
    EventLog(store.places).append(Event("unpause", record))
  }

  private var cgroup: Cgroup { get throws { try Cgroup(folders: record.status.cgroup) } }

  private func thaw() throws {
    try cgroup.thaw()
    try store.update(record.id) { if $0.status.state == .paused { $0.status.state = .running } }
  }

  private func markStopped() throws {
    do { try store.update(record.id) { $0.status.wasStopped = true } } catch {
      // One that has removed itself meanwhile needs no mark.
      if try store.record(record.id) != nil { throw error }
    }
  }

  /// By a pidfd, whose process is then known to be the right one, so that no other one is hit if it ends meanwhile.
  private func send(_ signal: Signal, _ process: ProcessIdentity) throws {
    guard let target = try RunningProcess(process) else { return }
    try target.send(signal.number)
  }

  /// Waits for the message of the end; false if the time is over before.
  private func waitForEnd(_ connection: inout Connection, until deadline: Deadline?) -> Bool {
    while true {
      while let frame = connection.arrived() { if case .ended = frame { return true } }
      var poller = Poller<Void>()
      poller.add(connection.descriptor, ())
      if poller.wait(milliseconds: deadline?.remaining ?? -1).isEmpty {
        if deadline?.remaining == 0 { return false }
      } else if !connection.fill() {
        return true
      }
    }
  }

  /// Connects to the supervisor, also to one that does not listen yet; nil when there is none any more.
  private func connect() throws -> Connection? {
    if let connection = try Connection(to: record.id, in: store.places) { return greeted(connection) }
    try FileSystem.createFolders(store.places.sockets, mode: 0o700)
    let socket = try FileWatch("\(store.places.sockets)/\(record.id)"), claim = try FileWatch("\(store.places.claims)/\(record.id)")
    while isAlive {
      if let connection = try Connection(to: record.id, in: store.places) { return greeted(connection) }
      var poller = Poller<Void>()
      poller.add(socket.descriptor, ())
      poller.add(claim.descriptor, ())
      // Nobody tells of a supervisor that is killed before it listens.
      _ = poller.wait(milliseconds: 100)
      socket.acknowledge()
      claim.acknowledge()
    }
    return nil
  }

  private func greeted(_ connection: consuming Connection) -> Connection {
    connection.send(.hello([]))
    connection.send(.look)
    return connection
  }

  /// Waits until a container that is being started runs, and answers its first process; nil if it ends, or is not started again.
  ///
  /// It is marked as stopped again, because its first start has removed the mark.
  private func awaitProcess(_ connection: inout Connection) throws -> ProcessIdentity? {
    while true {
      if let process = try store.record(record.id)?.status.process, process.isRunning {
        try markStopped()
        connection.send(.look)
        return process
      }
      switch connection.receive() {
      case nil, .ended, .failed: return nil
      default: break
      }
    }
  }

  private func thawIfPaused() throws {
    if let present = try store.record(record.id), present.status.state == .paused { try Cgroup(folders: present.status.cgroup).thaw() }
  }

  /// Returns when the container has no supervisor any more.
  private func waitForSupervisor() throws {
    while var connection = try connect() { while connection.receive() != nil {} }
    try ContainerUpkeep(store).run()
  }
}
