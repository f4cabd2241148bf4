public import Linux

/// Why a container or a process in it could not be started, as one sentence.
public struct ContainerError: Error, Equatable, CustomStringConvertible, Sendable {
  /// What kind of failure it is.
  public enum Reason: Equatable, Sendable {
    /// What was asked for cannot be.
    case invalid
    /// There is no such program.
    case notFound
    /// There is such a file, but it cannot be executed.
    case notExecutable
    /// A step failed with the kernel's answer.
    case failed(Errno)
  }

  /// What kind of failure it is.
  public let reason: Reason
  /// The sentence.
  public let description: String

  /// The exit status that docker's users expect: 127, 126, else 125.
  public var exitStatus: Int32 {
    switch reason {
    case .notFound: 127
    case .notExecutable: 126
    default: 125
    }
  }

  static func invalid(_ description: String) -> ContainerError { ContainerError(reason: .invalid, description: description) }

  static func failed(_ code: Errno, _ operation: String) -> ContainerError {
    ContainerError(reason: .failed(code), description: "\(operation): \(code)")
  }

  static func failed(_ error: SystemError) -> ContainerError { failed(error.code, error.operation) }
}
