public import Overlay

/// Everything a store holds about a network at one moment.
public struct StoreContents: Equatable, Sendable {
  /// The leases that have not ended.
  public var leases: [Lease]
  /// Networks that nobody may take yet although nobody holds them.
  public var quarantined: [Quarantine]
  /// Records that could not be read, by their names, with the reason. They are skipped.
  public var faults: [String: String]

  /// Joins the parts.
  public init(leases: [Lease] = [], quarantined: [Quarantine] = [], faults: [String: String] = [:]) {
    self.leases = leases
    self.quarantined = quarantined
    self.faults = faults
  }
}

/// A network whose lease has ended, and which stays free for a while, because packets for its last holder may still be under way.
public struct Quarantine: Hashable, Sendable {
  /// The networks.
  public var key: LeaseKey
  /// The host that had it, which may have it back at any time; nil if not known.
  public var node: String?

  /// Joins both.
  public init(_ key: LeaseKey, node: String? = nil) {
    self.key = key
    self.node = node
  }
}
