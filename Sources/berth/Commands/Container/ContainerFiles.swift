internal import Engine
internal import Images
internal import Linux

/// The files of a container, whether it runs or not.
struct ContainerFiles {
  let record: ContainerRecord
  let places: Places

  /// What berth itself puts into each container: no change of anybody's.
  static let ownPaths = ["/dev", "/proc", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf"]

  /// Its root folder, open, with its volumes.
  func root() throws -> ContainerRoot {
    let process = record.status.process
    if process.isRunning { return try ContainerRoot(ofProcess: process.processID) }
    let mounts = record.mounts.filter { $0.kind != .tmpfs }.map {
      ContainerRoot.Mounted(source: $0.source, destination: $0.destination, isReadOnly: $0.isReadOnly)
    }
    if let folder = record.rootFolder { return try ContainerRoot(folder: folder, mounts: mounts) }
    return try ContainerRoot(lower: record.imageDefaults.layers, upper: upper(), work: work(), mounts: mounts)
  }

  /// What the container has changed: overlay's upper folder, or the whole root of one that was made from a folder.
  func upper() throws -> String { try record.rootFolder ?? made(places.upper(record.id)) }

  private func work() throws -> String { try made(places.work(record.id)) }

  /// A container that was never started does not have its folders yet.
  private func made(_ path: String) throws -> String {
    try FileSystem.createFolders(path)
    return path
  }
}
