/// What proves that a host is the one with a public key. It has no text of its own, so that it gets into no log.
public struct WireGuardPrivateKey: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
  /// The 32 bytes.
  public let bytes: [UInt8]
  /// The public key that belongs to it: X25519, RFC 7748.
  public let publicKey: WireGuardKey

  /// Joins both; nil unless there are 32 bytes.
  public init?(bytes: [UInt8], publicKey: WireGuardKey) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
    self.publicKey = publicKey
  }

  /// Nothing of the key.
  public var description: String { "the private key of \(publicKey)" }

  /// Nothing of the key.
  public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}
