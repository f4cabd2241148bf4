internal import Engine
internal import Images
internal import JSON
internal import Wording

/// Finds what a name stands for, among everything that berth knows, in docker's order.
struct Inspection {
  let store: ContainerStore

  /// The description of the thing with that name.
  func object(_ name: String, type: String?) throws -> JSONObject {
    let kinds = ["container", "image", "network", "volume"]
    if let type, !kinds.contains(type) {
      throw EngineError("\"\(type)\" is not a valid value for --type: expected \(kinds.joined(separator: ", "))")
    }
    for kind in kinds where type == nil || type == kind {
      if let object = try find(name, kind, isOnly: type != nil) { return object }
    }
    throw EngineError("No such object: \(name)" + NearMatches.sentence(for: name, among: try store.records().map(\.name)))
  }

  private func find(_ name: String, _ kind: String, isOnly: Bool) throws -> JSONObject? {
    switch kind {
    case "container":
      let id = try store.identify(name.hasPrefix("/") ? String(name.dropFirst()) : name)
      guard isOnly || id != nil else { return nil }
      return ContainerDescription(record: try store.find(name), places: store.places).json
    case "image":
      let images = LocalImages.store(store.places)
      do { return try ImageDescription(image: images.image(named: name), store: images).json } catch let error as ImageError {
        // A name of something else need not be one of an image.
        guard isOnly else { return nil }
        throw error
      }
    case "network":
      let networks = NetworkStore(store.places)
      if !isOnly, try networks.isMissing(name) { return nil }
      return try NetworkDescription(named: name, in: networks).json
    case "volume":
      let volumes = VolumeStore(store.places)
      if !isOnly, try !volumes.volumes().contains(where: { $0.name == name }) { return nil }
      return VolumeDescription(try volumes.volume(named: name), volumes).json
    default: return nil
    }
  }
}
