internal import Engine
internal import JSON

/// A volume as `docker volume inspect` describes one.
struct VolumeDescription {
  /// The description.
  let json: JSONObject

  init(_ volume: Volume, _ store: VolumeStore) {
    json = JSONObject([
      ("CreatedAt", .string(volume.created)), ("Driver", "local"), ("Labels", NetworkDescription.pairs(volume.labels)),
      ("Mountpoint", .string(store.contentPath(of: volume.name))), ("Name", .string(volume.name)), ("Options", [:]), ("Scope", "local"),
    ])
  }
}
