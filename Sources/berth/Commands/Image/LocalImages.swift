internal import Engine
internal import Images

/// The images of this run's root, and the containers that were made from them.
struct LocalImages {
  let store: ImageStore
  let containers: ContainerStore

  /// Opens both, after everything that somebody's death or a boot has left was brought back in order.
  static func open() throws -> LocalImages {
    let containers = try Invocation.store()
    return LocalImages(store: store(containers.places), containers: containers)
  }

  /// The images alone.
  static func store(_ places: Places) -> ImageStore {
    ImageStore(root: places.root, nearMatches: { NearMatches.find($0, among: $1) })
  }

  /// Who uses an image, as the records are when it is called.
  func users(of id: String) throws -> [ImageUser] {
    try containers.records().filter { $0.imageID == id }.map {
      ImageUser(containerID: $0.id, isRunning: [.running, .paused, .restarting].contains($0.status.state))
    }
  }

  /// How many containers were made from each image, by its ID.
  func userCounts() throws -> [String: Int] { try containers.records().reduce(into: [:]) { $0[$1.imageID, default: 0] += 1 } }

  /// Writes down what happened to an image.
  func log(_ action: String, _ id: String, name: String? = nil) {
    EventLog(containers.places).append(Event("image", action, id: id, attributes: name.map { [("name", $0)] } ?? []))
  }
}
