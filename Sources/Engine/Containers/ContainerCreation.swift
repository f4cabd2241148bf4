internal import Cgroups
internal import Containers
internal import Linux

/// Makes new containers out of what a person asked for.
public struct ContainerCreation {
  /// Where a container's root comes from.
  public enum Root {
    /// An image: the name the person gave, its ID, and what it says.
    case image(name: String, id: String, defaults: ImageDefaults)
    /// A folder, `--rootfs`.
    case folder(String)
  }

  private let store: ContainerStore

  /// Makes containers in a store.
  public init(_ store: ContainerStore) { self.store = store }

  /// Makes a container that is not started; everything that can be checked before a start is checked. Without a name it gets one.
  public func create(_ options: RunOptions, name: String?, root: Root) throws -> ContainerRecord {
    var record = ContainerRecord()
    record.id = ContainerIdentifier.random()
    record.created = Timestamp.now().description
    record.options = options
    switch root {
    case .image(let name, let id, let defaults): (record.image, record.imageID, record.imageDefaults) = (name, id, defaults)
    case .folder(let folder): record.rootFolder = folder
    }
    if options.removesItself, options.restartPolicy.kind != .never {
      throw EngineError("Conflicting options: --restart and --rm", exitCode: 125)
    }
    _ = try LogOptions(driver: options.logDriver, options: options.logOptions)
    (record.networks, record.links) = try ContainerNetworking.plan(options, in: store)
    // The other container may get another name.
    if case .container(let name) = try NetworkMode(options.networks) { record.options.networks = ["container:\(try store.find(name).id)"] }
    let builder = SpecificationBuilder(record, in: store)
    _ = try builder.specification()
    try builder.limits().validate()
    if let stopSignal = options.stopSignal { _ = try Signal(stopSignal) }
    let volumes = VolumeStore(store.places)
    record.mounts = try volumes.mounts(options, imageVolumes: record.imageDefaults.volumes, in: store)
    try save(&record, name)
    do { try volumes.make(record.mounts) } catch {
      try ContainerRemoval(store).remove(record, withVolumes: true)
      throw error
    }
    EventLog(store.places).append(Event("create", record))
    return record
  }

  private func save(_ record: inout ContainerRecord, _ name: String?) throws {
    // Who finds the claim orphaned removes what we were writing when we were killed.
    guard case .taken(let claim) = try ContainerClaim.take(record.id, in: store.places) else {
      throw EngineError("the ID \(record.id) is in use")
    }
    do {
      try write(&record, name)
    } catch {
      try claim.release()
      throw error
    }
    try claim.release()
  }

  private func write(_ record: inout ContainerRecord, _ name: String?) throws {
    for attempt in 0... {
      record.name = name.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 } ?? ContainerIdentifier.randomName(attempt: attempt)
      do { return try store.create(record) } catch let error as EngineError where name == nil && attempt < 20 && error.exitCode == 125 {}
    }
  }
}
