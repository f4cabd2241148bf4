/// Whose network namespace a container lives in: what `--network` says.
public enum NetworkMode: Equatable, Sendable {
  /// One of its own, attached to networks.
  case networks
  /// One of its own with nothing but the loopback interface.
  case none
  /// The host's.
  case host
  /// Another container's: its name or ID as typed.
  case container(String)

  /// Reads the values of `--network`. The three special ones stand alone.
  public init(_ names: [String]) throws(EngineError) {
    self = .networks
    for text in names {
      let name = try NetworkWish(text).name
      let special: NetworkMode? =
        switch name {
        case "none": NetworkMode.none
        case "host": .host
        case _ where name.hasPrefix("container:"): .container(String(name.dropFirst(10)))
        default: nil
        }
      guard let special else { continue }
      guard names.count == 1 else {
        throw EngineError("conflicting options: cannot attach both user-defined and non-user-defined network-modes", exitCode: 125)
      }
      guard special != .container("") else {
        throw EngineError("invalid container format container:<name|id>", exitCode: 125)
      }
      self = special
    }
  }
}
