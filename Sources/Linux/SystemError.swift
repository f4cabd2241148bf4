/// A system call that failed: what we were doing, with what, and the kernel's answer.
public struct SystemError: Error, Equatable, CustomStringConvertible {
  /// The kernel's error number.
  public let code: Errno
  /// What was attempted, with its object: `open /run/netns/a`.
  public let operation: String

  /// Describes a failure with an error number that is already known.
  public init(_ code: Errno, _ operation: String) {
    self.code = code
    self.operation = operation
  }

  /// `open /run/netns/a: No such file or directory`
  public var description: String { "\(operation): \(code)" }
}

/// Passes on a system call's value, or throws what it failed with: for functions that return `-errno`.
@discardableResult
func checked(_ result: Int32, _ operation: @autoclosure () -> String) throws(SystemError) -> Int32 {
  if result < 0 { throw SystemError(Errno(rawValue: -result), operation()) }
  return result
}
