import Addresses
public import Overlay

/// Why a store did not do what it was asked.
public enum StoreError: Error, Equatable, CustomStringConvertible {
  /// The store does not answer: nothing is known; try again with a growing distance.
  case lostContact(String)
  /// The store answered that it will not: a wrong password, a full disk, no configuration. Somebody has to do something; try again all the same.
  case refused(String)
  /// Another host holds the lease; this is what it wrote.
  case taken(by: Lease)

  /// One sentence for a log.
  public var description: String {
    switch self {
    case .lostContact(let reason), .refused(let reason): reason
    case .taken(let lease):
      "\(lease.key) is held by \(lease.hostName ?? lease.publicAddresses.map(\.description).joined(separator: " and "))"
    }
  }
}
