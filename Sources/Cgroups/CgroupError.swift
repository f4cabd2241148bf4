public import Linux

/// A cgroup that could not be made, limited, read or removed.
public struct CgroupError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What went wrong, as one sentence for the person who asked for it.
  public let description: String
  /// The kernel's answer, if there was one.
  public let code: Errno?

  /// Says what went wrong in words of our own.
  public init(_ description: String, code: Errno? = nil) {
    self.description = description
    self.code = code
  }

  init(_ error: SystemError) { self.init(error.description, code: error.code) }
}
