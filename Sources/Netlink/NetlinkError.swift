public import Linux

/// A netlink request that failed: what it was meant to do, the kernel's number, and the kernel's own words where it gives any.
public struct NetlinkError: Error, Equatable, CustomStringConvertible {
  /// The kernel's error number.
  public let code: Errno
  /// What the request was meant to do: `create bridge br1`.
  public let operation: String
  /// The message of the extended acknowledgement (NLMSGERR_ATTR_MSG): `mtu greater than device maximum`.
  public let explanation: String?

  /// Describes a failure.
  public init(_ code: Errno, _ operation: String, explanation: String? = nil) {
    self.code = code
    self.operation = operation
    self.explanation = explanation
  }

  /// `create bridge br1: Invalid argument: mtu greater than device maximum`
  public var description: String { "\(operation): \(code)" + (explanation.map { ": \($0)" } ?? "") }
}
