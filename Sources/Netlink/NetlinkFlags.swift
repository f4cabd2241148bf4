import CLinux

/// The flags of a request's header, `linux/netlink.h`. NLM_F_REQUEST is always added.
public struct NetlinkFlags: OptionSet, Sendable {
  /// The kernel's bits.
  public let rawValue: UInt16

  /// Makes flags of the kernel's bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  private init(_ bits: Int32) { rawValue = UInt16(truncatingIfNeeded: bits) }

  /// NLM_F_ACK: the kernel answers also when all is well.
  public static let acknowledge = NetlinkFlags(NLM_F_ACK)
  /// NLM_F_ECHO: the kernel sends the resulting object back.
  public static let echo = NetlinkFlags(NLM_F_ECHO)
  /// NLM_F_DUMP: all objects.
  public static let dump = NetlinkFlags(NLM_F_ROOT | NLM_F_MATCH)
  /// NLM_F_CREATE: create the object if it is missing.
  public static let create = NetlinkFlags(NLM_F_CREATE)
  /// NLM_F_EXCL: fail if the object exists.
  public static let exclusive = NetlinkFlags(NLM_F_EXCL)
  /// NLM_F_REPLACE: replace an existing object.
  public static let replace = NetlinkFlags(NLM_F_REPLACE)
  /// NLM_F_APPEND: add after the existing ones.
  public static let append = NetlinkFlags(NLM_F_APPEND)
}
