internal import CNI
internal import Cgroups
internal import Glibc
internal import Linux

/// Brings everything back in order after somebody was killed, or after a boot: the first thing that every command does.
public struct ContainerUpkeep {
  private let store: ContainerStore

  /// The upkeep of a store.
  public init(_ store: ContainerStore) { self.store = store }

  /// Cleans up containers whose supervisors were killed, and after a boot all that ran before. With nothing to do it costs one look at each
  /// running container's lock.
  public func run() throws {
    for id in try ContainerClaim.all(in: store.places) {
      guard let orphan = try ContainerClaim.adopt(id, in: store.places) else { continue }
      do { try cleanUp(orphan) } catch {
        Log.warning("container \(id.prefix(12)) could not be cleaned up, the next command tries again: \(error)")
      }
    }
    try runAfterBoot()
  }

  /// Cleans up what a container has left whose claim's holder was killed.
  func cleanUp(_ claim: consuming ContainerClaim) throws {
    let id = claim.id, noted = try claim.notedCgroup()
    if let record = try store.record(id) {
      let ended = try end(record, "its supervisor was killed", noted)
      if ended.options.removesItself { try ContainerRemoval(store).remove(ended, withVolumes: true) }
    }
    if try store.record(id) == nil { try store.removeRemains(of: id) }
    try removeAbandonedFiles(id)
    try FileSystem.remove("\(store.places.sockets)/\(id)")
    try claim.release()
  }

  /// Ends what still runs of a container without a supervisor, takes it off its networks, and records the end.
  private func end(_ record: ContainerRecord, _ reason: String, _ notedCgroup: [String] = []) throws -> ContainerRecord {
    if record.status.process.isRunning { kill(record.status.process.processID, SIGKILL) }
    let cgroup = try Cgroup(folders: record.status.cgroup.isEmpty ? notedCgroup : record.status.cgroup)
    try cgroup.kill()
    let network = Result { try store.reading(record.id) { try ContainerNetworking($0, in: store).detach() } }
    try cgroup.remove()
    let ended = try recordEnd(record, reason)
    try network.get()
    return ended
  }

  private func recordEnd(_ record: ContainerRecord, _ reason: String) throws -> ContainerRecord {
    try store.update(record.id) {
      if $0.status.state != .created, $0.status.state != .exited {
        $0.status.state = .exited
        $0.status.exitCode = 137
        $0.status.finished = Timestamp.now().description
        $0.status.error = reason
        EventLog(store.places).append(Event("die", $0, [("exitCode", "137")]))
      }
      $0.status.supervisor = ProcessIdentity()
      $0.status.process = ProcessIdentity()
      $0.status.cgroup = []
      $0.ports = []
    }
  }

  /// What writers have left that were killed between writing a file and giving it its name.
  private func removeAbandonedFiles(_ id: String) throws {
    try FileSystem.removeAbandoned(in: store.places.container(id))
    try FileSystem.removeAbandoned(in: ResultCache.defaultPath)
    let networks = "\(store.places.run)/networks"
    for network in (try? FileSystem.names(in: networks)) ?? [] {
      try FileSystem.removeAbandoned(in: "\(networks)/\(network)")
      try FileSystem.removeFolder("\(networks)/\(network)")
    }
  }

  /// Once after a boot: nothing of what the records say ran does.
  private func runAfterBoot() throws {
    let boot = try BootIdentifier.current().text, marker = "\(store.places.run)/boot"
    if let known = try FileSystem.readIfPresent(marker), String(decoding: known, as: UTF8.self) == boot { return }
    try FileSystem.createFolders(store.places.run, mode: 0o700)
    for record in try store.records() where [.running, .paused, .restarting].contains(record.status.state) {
      // Somebody may have emptied the folder without a boot, and the supervisor live on.
      let isBeforeBoot = record.status.boot != boot
      if !isBeforeBoot && record.status.supervisor.isRunning { continue }
      guard case .taken(let claim) = try ContainerClaim.take(record.id, in: store.places) else { continue }
      let ended = try end(record, isBeforeBoot ? "the machine was rebooted" : "its supervisor was killed")
      if ended.options.removesItself { try ContainerRemoval(store).remove(ended, withVolumes: true) }
      try claim.release()
    }
    for id in try store.ids() where try store.record(id) == nil {
      guard case .taken(let claim) = try ContainerClaim.take(id, in: store.places) else { continue }
      if try store.record(id) == nil { try store.removeRemains(of: id) }
      try claim.release()
    }
    try NetworkUpkeep.collectAfterBoot(store)
    try FileSystem.replace(marker, content: Array(boot.utf8), mode: 0o600)
  }
}
