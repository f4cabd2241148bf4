internal import Engine

/// The supervisor of `berth run`, which loads while the words of the command are read.
enum EarlySupervisor {
  // A command has one thread.
  nonisolated(unsafe) private static var waiting: WaitingSupervisor?

  /// Starts one for a container with a new ID. What fails here fails again, with a message, when the container is made.
  static func prepare(_ places: Places) { waiting = try? SupervisorLauncher(ContainerStore(places)).launch(ContainerIdentifier.random()) }

  /// Whose container it waits for.
  static var id: String? { waiting?.id }

  /// Takes the one that waits for a container, or starts one.
  static func take(_ id: String, in store: ContainerStore) throws -> WaitingSupervisor {
    if waiting?.id == id, let supervisor = waiting.take() { return supervisor }
    return try SupervisorLauncher(store).launch(id)
  }

  /// Ends the one that nothing was started with.
  static func dismiss() {
    // Should it fail, the next command sees that nobody holds the claim.
    if let supervisor = waiting.take() { try? supervisor.dismiss() }
  }
}
