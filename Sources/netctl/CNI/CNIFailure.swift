internal import CNI

/// What plugins said went wrong, a line each.
struct CNIFailure: Error, CustomStringConvertible {
  let description: String

  init(_ error: any Error) {
    if let error = error as? RuntimeError {
      description = error.failures.map {
        "\($0.type) \($0.command.rawValue): error \($0.error.code.rawValue): \(Terminal.plain("\($0.error)"))"
      }
      .joined(separator: "\nnetctl: ")
    } else {
      description = Terminal.plain("\(error)")
    }
  }
}
