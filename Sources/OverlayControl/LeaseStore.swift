public import Overlay

/// Where the hosts of one overlay write their leases, and learn of each other.
///
/// A store is shared by all tasks of the daemon. It does its own work: every call is answered, or throws within a bounded time, and retries are
/// the caller's, except for `events`, which never ends by itself.
public protocol LeaseStore: Sendable, CustomStringConvertible {
  /// What all hosts agree on. Throws `refused` if there is none, or one that cannot be.
  func configuration() async throws(StoreError) -> OverlayNetworkConfiguration

  /// Everything there is now.
  func contents() async throws(StoreError) -> StoreContents

  /// Writes a lease, in one step with the look at what is there, and lets it last for the store's lifetime from now: to take it, to renew it and
  /// to change what it says.
  ///
  /// Succeeds if nobody has the lease's key, or a record there is held by the same as `expected` (`Lease.isHeld(bySameAs:)`), or by the same
  /// node with nothing but a quarantine left of its lease. Else throws `taken` with the record, and nothing has changed.
  func claim(_ lease: Lease, replacing expected: Lease?) async throws(StoreError)

  /// Gives a lease back, which begins the quarantine of its network. Nothing if it is not there or held by somebody else.
  func release(_ lease: Lease) async throws(StoreError)

  /// What happens, beginning with everything there is. One consumer; ends when that stops listening.
  ///
  /// The store connects again by itself, as often as it takes, with growing distances and jitter, and then reports all contents.
  func events() -> AsyncStream<StoreEvent>

  /// Makes its connections anew, because this host's address has changed: nobody answers any more to what the old one asks.
  func reconnect()
}

extension LeaseStore {
  /// A store without connections has nothing to do.
  public func reconnect() {}
}
