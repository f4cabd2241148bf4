/// Which system calls a container may make.
public enum SeccompPolicy: Sendable, Equatable {
  /// What docker allows by default with the container's capabilities.
  case standard
  /// All.
  case unconfined
  /// As a file in docker's JSON format says.
  case profile(path: String)
}
