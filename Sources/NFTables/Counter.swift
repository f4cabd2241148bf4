/// How much passed a rule or matched an element.
public struct Counter: Hashable, Sendable {
  /// Packets; in a chain of kind nat, connections.
  public let packets: UInt64
  /// Bytes, with all headers above the link's.
  public let bytes: UInt64

  /// A counter that stands at these numbers.
  public init(packets: UInt64 = 0, bytes: UInt64 = 0) {
    self.packets = packets
    self.bytes = bytes
  }
}
