internal import Linux

/// Removes containers that do not run, with all that is theirs.
public struct ContainerRemoval {
  private let store: ContainerStore

  /// Removes from a store.
  public init(_ store: ContainerStore) { self.store = store }

  /// Removes a container; whoever calls holds its claim. `withVolumes` removes its anonymous volumes as well.
  public func remove(_ record: ContainerRecord, withVolumes: Bool) throws {
    let places = store.places, folder = places.container(record.id)
    // The record goes last but for its folder: who is killed before has left a container that can be removed again.
    for path in [places.upper(record.id), places.work(record.id), places.mountPoint(record.id)] { try FileSystem.removeTree(path) }
    try store.remove(record)
    try FileSystem.removeTree(folder)
    if withVolumes {
      let volumes = VolumeStore(places)
      for mount in record.mounts where mount.isAnonymous {
        // Another container may have it by --volumes-from; then it stays.
        try? volumes.remove(mount.name, in: store)
      }
    }
    EventLog(places).append(Event("destroy", record))
  }
}
