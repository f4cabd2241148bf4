internal import Glibc
internal import Linux

extension VolumeStore {
  /// Reads what a new container's options (`-v`, `--mount`, `--volumes-from`, `--tmpfs`) and its image's volumes say: the mounts for its record,
  /// outer destinations before inner ones. Nothing is made. Throws in docker's words.
  ///
  /// A destination is mounted once: `-v`, `--mount` and `--tmpfs` win over `--volumes-from`, and all of them over the image.
  public func mounts(_ options: RunOptions, imageVolumes: [String], in containers: ContainerStore) throws -> [RecordedMount] {
    var mounts: [RecordedMount] = []
    let asked =
      try options.volumes.map { (text) throws(EngineError) in try MountParsing.volume(text) }
      + options.mounts.map { (text) throws(EngineError) in try MountParsing.mount(text) }
      + options.temporaryFolders.map { (text) throws(EngineError) in try MountParsing.temporary(text) }
    for mount in asked {
      if mounts.contains(where: { $0.destination == mount.destination }) {
        throw EngineError("Duplicate mount point: \(mount.destination)", exitCode: 125)
      }
      mounts.append(mount)
    }
    for text in options.volumesFrom {
      // A later --volumes-from wins over an earlier one.
      for mount in try MountParsing.volumes(from: text, containers) where !asked.contains(where: { $0.destination == mount.destination }) {
        mounts.removeAll { $0.destination == mount.destination }
        mounts.append(mount)
      }
    }
    for path in imageVolumes {
      let destination = try MountParsing.destination(path, path)
      if mounts.contains(where: { $0.destination == destination }) { continue }
      var mount = RecordedMount()
      mount.kind = .volume
      mount.isAnonymous = true
      mount.destination = destination
      mounts.append(mount)
    }
    return mounts.map { named($0) }.sorted { $0.destination < $1.destination }
  }

  /// Makes the volumes, and the folders of the host, that are missing. The container's record names them already, so that nobody removes a volume
  /// in between.
  public func make(_ mounts: [RecordedMount]) throws {
    for mount in mounts {
      switch mount.kind {
      case .tmpfs: break
      case .bind: if (try? FileIdentity(path: mount.source)) == nil { try FileSystem.createFolders(mount.source) }
      case .volume: try create(mount.name, isAnonymous: mount.isAnonymous)
      }
    }
  }

  /// With the volume's name and folder.
  private func named(_ mount: RecordedMount) -> RecordedMount {
    guard mount.kind == .volume, mount.source.isEmpty else { return mount }
    var mount = mount
    if mount.name.isEmpty { mount.name = ContainerIdentifier.random() }
    mount.source = contentPath(of: mount.name)
    return mount
  }
}
