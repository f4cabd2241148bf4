/// The flags of an interface, `linux/if.h`.
public struct LinkFlags: OptionSet, Sendable {
  /// The kernel's IFF_ bits.
  public let rawValue: UInt32

  /// Makes flags of the kernel's bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// IFF_UP: an administrator has switched it on.
  public static let up = LinkFlags(rawValue: 1 << 0)
  /// IFF_BROADCAST
  public static let broadcast = LinkFlags(rawValue: 1 << 1)
  /// IFF_LOOPBACK
  public static let loopback = LinkFlags(rawValue: 1 << 3)
  /// IFF_PROMISC: receives every frame.
  public static let promiscuous = LinkFlags(rawValue: 1 << 8)
  /// IFF_ALLMULTI: receives all multicast.
  public static let allMulticast = LinkFlags(rawValue: 1 << 9)
  /// IFF_LOWER_UP: has a carrier.
  public static let lowerUp = LinkFlags(rawValue: 1 << 16)
}
