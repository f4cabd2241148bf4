public import Overlay
public import OverlayControl

extension EtcdStore {
  /// How a claim ended.
  private enum Outcome: Sendable {
    case done
    case taken(Lease)
    case fault(String)
  }

  /// What is there under a network's keys.
  private struct Seen: Sendable {
    let lease: EtcdRecord?
    let reservation: EtcdRecord?
  }

  /// Takes, renews or changes a lease: creates the record in a transaction that demands that it is not there, as flannel does, or replaces
  /// exactly the one that was looked at.
  public func claim(_ lease: Lease, replacing expected: Lease?) async throws(StoreError) {
    let outcome = try await ask { session async throws(EtcdError) in
      // Each failure means that somebody else was faster; then there is something new to look at.
      for _ in 0..<8 {
        let seen = try await look(session, lease.key)
        if let refusal = refusal(lease, expected, seen) { return refusal }
        if try await write(lease, session, seen) { return Outcome.done }
      }
      return .fault("etcd: \(layout.lease(lease.key)) changes all the time")
    }
    switch outcome {
    case .done: return
    case .taken(let other): throw .taken(by: other)
    case .fault(let reason): throw .refused(reason)
    }
  }

  /// Deletes a lease's record; its reservation stays for as long as the quarantine lasts.
  public func release(_ lease: Lease) async throws(StoreError) {
    try await ask { session async throws(EtcdError) in
      let seen = try await look(session, lease.key)
      guard let record = seen.lease, case .success(let existing) = self.lease(record), existing.isHeld(bySameAs: lease) else { return }
      var changes: [EtcdSession.Change] = [.delete(record.key)]
      if lifetime.quarantineSeconds > 0 {
        let quarantine = try await session.grantLease(seconds: lifetime.quarantineSeconds)
        changes.append(.put(layout.reservation(lease.key), Reservation(node: lease.holder?.node).text, lease: quarantine))
      }
      guard try await session.change(changes, ifUnchanged: [(record.key, record.revision)]) else { return }
      for lease in [record.lease, seen.reservation?.lease ?? 0] where lease != 0 { try await session.revokeLease(lease) }
    }
  }

  private func look(_ session: EtcdSession, _ key: LeaseKey) async throws(EtcdError) -> Seen {
    let (_, records) = try await session.read([.key(layout.lease(key)), .key(layout.reservation(key))])
    return Seen(lease: records[0].first, reservation: records[1].first)
  }

  /// Why the lease may not be written; nil if it may.
  private func refusal(_ lease: Lease, _ expected: Lease?, _ seen: Seen) -> Outcome? {
    guard let record = seen.lease else {
      guard let reservation = seen.reservation.map({ Reservation($0.value) }),
        reservation.node != lease.holder?.node || reservation.node == nil
      else { return nil }
      var holder = Lease(subnet: lease.subnet, ipv6Subnet: lease.ipv6Subnet)
      holder.hostName = "nobody until its quarantine has ended"
      return .taken(holder)
    }
    switch self.lease(record) {
    case .success(let existing):
      if existing.isHeld(bySameAs: lease) { return nil }
      return expected.map(existing.isHeld(bySameAs:)) == true ? nil : .taken(existing)
    case .failure(let fault): return expected == nil ? .fault("etcd: \(record.key): \(fault.reason)") : nil
    }
  }

  /// Answers false if something has changed since it was looked at.
  private func write(_ lease: Lease, _ session: EtcdSession, _ seen: Seen) async throws(EtcdError) -> Bool {
    let text = FlannelLease.text(lease), reservation = Reservation(node: lease.holder?.node).text
    // A record without a lease of etcd's is a reservation that an administrator has made by hand; it never ends.
    let isPermanent = seen.lease?.lease == 0
    let kept = isPermanent ? true : try await keep(seen.lease, session)
    let reservationKept = try await keep(seen.reservation, session)
    if kept, reservationKept, seen.lease?.value == text, seen.reservation?.value == reservation { return true }
    let ending = isPermanent ? 0 : kept ? seen.lease?.lease ?? 0 : try await session.grantLease(seconds: lifetime.seconds)
    let reservationEnding =
      reservationKept
      ? seen.reservation?.lease ?? 0 : try await session.grantLease(seconds: lifetime.seconds + lifetime.quarantineSeconds)
    let done = try await session.change(
      [
        .put(layout.lease(lease.key), text, lease: ending),
        .put(layout.reservation(lease.key), reservation, lease: reservationEnding),
      ],
      ifUnchanged: [
        (layout.lease(lease.key), seen.lease?.revision ?? 0), (layout.reservation(lease.key), seen.reservation?.revision ?? 0),
      ])
    if !done {
      if !kept { try await session.revokeLease(ending) }
      if !reservationKept { try await session.revokeLease(reservationEnding) }
    }
    return done
  }

  /// Lets a record last from now; answers whether it was there and had not ended.
  private func keep(_ record: EtcdRecord?, _ session: EtcdSession) async throws(EtcdError) -> Bool {
    guard let record, record.lease != 0 else { return false }
    return try await session.keepLease(record.lease)
  }
}
