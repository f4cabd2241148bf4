public import Addresses

/// An address and whose it is.
public struct Lease: Hashable, Sendable {
  /// The address.
  public let address: IPAddress
  /// The attachment that has it.
  public let owner: LeaseOwner
}
