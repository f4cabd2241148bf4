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
      if let orphan = try ContainerClaim.adopt(id, in: store.places) { try cleanUp(orphan) }
    }
    try runAfterBoot()
  }

  /// Cleans up what a container has left whose claim's holder was killed.
  func cleanUp(_ claim: consuming ContainerClaim) throws {
    let id = claim.id
    if let record = try store.record(id) {
      let ended = try end(record, "its supervisor was killed")
      if ended.options.removesItself { try ContainerRemoval(store).remove(ended, withVolumes: true) }
    }
    try FileSystem.remove("\(store.places.sockets)/\(id)")
    try claim.release()
  }

  /// Ends what still runs of a container without a supervisor, takes it off its networks, and records the end.
  private func end(_ record: ContainerRecord, _ reason: String) throws -> ContainerRecord {
    if record.status.process.isRunning { kill(record.status.process.processID, SIGKILL) }
    let cgroup = try record.status.cgroup.isEmpty ? Cgroup(existing: "berth/\(record.id)") : Cgroup(folders: record.status.cgroup)
    try cgroup.kill()
    try store.reading(record.id) { try ContainerNetworking($0, in: store).detach() }
    try cgroup.remove()
    return try store.update(record.id) {
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

  /// Once after a boot: nothing of what the records say ran does.
  private func runAfterBoot() throws {
    let boot = try BootIdentifier.current().text, marker = "\(store.places.run)/boot"
    if let known = try FileSystem.readIfPresent(marker), String(decoding: known, as: UTF8.self) == boot { return }
    try FileSystem.createFolders(store.places.run, mode: 0o700)
    for record in try store.records() where record.status.boot != boot && [.running, .paused, .restarting].contains(record.status.state) {
      guard case .taken(let claim) = try ContainerClaim.take(record.id, in: store.places) else { continue }
      let ended = try end(record, "the machine was rebooted")
      if ended.options.removesItself { try ContainerRemoval(store).remove(ended, withVolumes: true) }
      try claim.release()
    }
    try NetworkUpkeep.collectAfterBoot(store)
    try FileSystem.replace(marker, content: Array(boot.utf8), mode: 0o600)
  }
}
