internal import ArgumentParser
internal import Engine

/// Several containers on one command line: each is tried, what goes wrong with one does not keep the others from their turn.
enum ContainerLoop {
  /// Calls `body` for each container, and prints the word that it was called by. Exit code 1 if one of them failed.
  static func run(_ words: [String], in store: ContainerStore, prints: Bool = true, _ body: (ContainerRecord) throws -> Void) throws {
    if words.isEmpty { throw EngineError("requires at least 1 argument: CONTAINER", exitCode: 125) }
    var failed = false
    for word in words {
      do {
        try body(store.find(word))
        if prints { Output.line(word) }
      } catch {
        failed = true
        Output.message("Error: \(error)")
      }
    }
    if failed { throw ExitCode(1) }
  }
}
