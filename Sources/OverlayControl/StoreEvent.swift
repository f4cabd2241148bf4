public import Overlay

/// What a store reports of its own accord.
public enum StoreEvent: Equatable, Sendable {
  /// Everything there is: at the start, and again whenever changes may have been missed. What is not in it is gone.
  case contents(StoreContents)
  /// Leases that are new or different, and networks whose leases have ended.
  case changes([LeaseChange])
  /// The store does not answer, or refuses, from now until the next `contents`, `changes` or `contact`. What is known stays valid.
  case failed(StoreError)
  /// The store has answered, and nothing has changed.
  case contact
}

/// One change of a lease.
public enum LeaseChange: Hashable, Sendable {
  /// The lease is new, or differs from what was there under its key.
  case put(Lease)
  /// The lease has ended or was deleted.
  case removed(LeaseKey)
}
