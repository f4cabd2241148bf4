public import Addresses
public import Conntrack

/// A tracked connection with the names of those at its ends, and what is wrong with it.
public struct TrackedConnection: Sendable {
  /// The kernel's entry.
  public let connection: Connection
  /// Who opened it, if we know the address.
  public let client: String?
  /// Who answers, if we know the address.
  public let server: String?
  /// Why the entry leads packets astray, a clause; nil if nothing speaks against it.
  public let staleness: String?

  /// Whom the packets reach, where that differs from whom they were sent to.
  public var translatedDestination: (address: IPAddress, port: UInt16)? {
    let (original, reply) = (connection.original, connection.reply)
    let isSame = reply.source == original.destination && reply.sourcePort == original.destinationPort
    return isSame ? nil : (reply.source, reply.sourcePort)
  }

  /// Whom the packets seem to come from, where that differs from who sent them.
  public var translatedSource: (address: IPAddress, port: UInt16)? {
    let (original, reply) = (connection.original, connection.reply)
    let isSame = reply.destination == original.source && reply.destinationPort == original.sourcePort
    return isSame ? nil : (reply.destination, reply.destinationPort)
  }
}
