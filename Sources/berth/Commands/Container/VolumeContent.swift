internal import Engine
internal import Images
internal import Linux

/// What new volumes hold at first: as docker has it, what the image has where they are mounted.
enum VolumeContent {
  /// Fills the empty volumes of a container that was just made from an image.
  static func fill(_ record: ContainerRecord, _ places: Places) throws {
    // `nocopy` changes nothing about the mount, so it is no part of it on record.
    let bare = (record.options.volumes + record.options.mounts).filter { $0.contains("nocopy") }
    let empty = try record.mounts.filter { mount in
      try mount.kind == .volume && !bare.contains { $0.contains(mount.destination) } && FileSystem.names(in: mount.source).isEmpty
    }
    guard !empty.isEmpty, record.rootFolder == nil else { return }
    var unmounted = record
    unmounted.mounts = []
    let root = try ContainerFiles(record: unmounted, places: places).root()
    for mount in empty { try root.fill(mount.source, from: mount.destination) }
  }
}
