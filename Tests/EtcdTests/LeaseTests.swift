import Etcd
import Overlay
import OverlayControl
import TestSupport
import Testing

@Suite("etcd: leases", .networkNamespace, .withinTheWholeRun)
struct LeaseTests {
  @Test("a lease is taken, changed, renewed without a word to others, and given back")
  func lifeOfALease() async throws {
    let etcd = try EtcdServers()
    let store = try EtcdStore(etcd.configuration()), other = try EtcdStore(etcd.configuration())
    let listener = Listener(other)
    #expect(try await listener.contents() == StoreContents())
    var lease = try Hosts.lease(3)
    try await store.claim(lease, replacing: nil)
    try await listener.change(.put(lease))
    lease.macAddress = try Hosts.lease(9).macAddress
    try await store.claim(lease, replacing: lease)
    try await listener.change(.put(lease))
    try await store.claim(lease, replacing: lease)
    try await store.claim(Hosts.lease(4), replacing: nil)
    #expect(try await listener.change(.put(Hosts.lease(4))) == [.put(try Hosts.lease(4))])
    try await store.release(lease)
    try await listener.change(.removed(lease.key))
    #expect(try await store.contents().quarantined == [Quarantine(lease.key, node: "node3")])
    #expect(listener.heard.count == 5, "a renewal is nobody else's business: \(listener.heard)")
  }

  @Test(
    "a lease that is kept outlives its time, and one that is not ends, is reported, and leaves a quarantine that binds all but its host")
  func expiry() async throws {
    let etcd = try EtcdServers()
    let lifetime = LeaseLifetime(seconds: 6, quarantineSeconds: 3600)
    let store = try EtcdStore(etcd.configuration(), lifetime: lifetime)
    let listener = Listener(try EtcdStore(etcd.configuration()))
    let kept = try Hosts.lease(3), left = try Hosts.lease(4)
    try await store.claim(left, replacing: nil)
    try await store.claim(kept, replacing: nil)
    let keeper = Task {
      // As fast as etcd answers.
      while !Task.isCancelled { try await store.claim(kept, replacing: kept) }
    }
    try await listener.change(.removed(left.key))
    keeper.cancel()
    let contents = try await store.contents()
    #expect(contents.leases == [kept] && contents.quarantined == [Quarantine(left.key, node: "node4")])

    let stranger = try Hosts.lease(4, node: 5)
    let refusal = await #expect(throws: StoreError.self) { try await store.claim(stranger, replacing: nil) }
    #expect(refusal?.description == "10.200.4.0/24 is held by nobody until its quarantine has ended")
    try await store.claim(left, replacing: nil)
    try await listener.change(.put(left))
  }

  @Test("of two hosts that claim one network at the same moment one gets it, and the other hears who")
  func twoClaims() async throws {
    let etcd = try EtcdServers()
    let stores = try (0..<8).map { _ in try EtcdStore(etcd.configuration()) }
    let winners = try await withThrowingTaskGroup(of: String?.self) { group in
      for (number, store) in stores.enumerated() {
        var lease = try Hosts.lease(3)
        lease.holder = LeaseHolder(node: "n\(number)", instance: "a", since: 1)
        lease.hostName = "n\(number)"
        group.addTask { [lease] in
          do throws(StoreError) { try await store.claim(lease, replacing: nil) } catch {
            guard case .taken(let other) = error else { throw error }
            #expect(other.holder?.node != lease.holder?.node)
            return nil
          }
          return lease.hostName
        }
      }
      return try await group.reduce(into: [String]()) { if let name = $1 { $0.append(name) } }
    }
    #expect(winners.count == 1)
    #expect(try await stores[0].contents().leases.compactMap(\.hostName) == winners)
    // The losers' leases of etcd's are not left behind: one for the record, one for its reservation.
    #expect(try etcd.control("lease", "list").contains("found 2 leases"))
  }

  @Test("fifty hosts that start in the same second all get different networks")
  func fiftyHosts() async throws {
    let etcd = try EtcdServers(count: 3)
    try etcd.control("put", "/coreos.com/network/config", #"{"Network":"10.200.0.0/17","SubnetLen":24,"Backend":{"Type":"vxlan"}}"#)
    let stores = try (0..<50).map { _ in try EtcdStore(etcd.configuration()) }
    let taken = try await withThrowingTaskGroup(of: Lease.self) { group in
      for (number, store) in stores.enumerated() { group.addTask { try await LeaseTests.join(store, "node\(number)") } }
      return try await group.reduce(into: [Lease]()) { $0.append($1) }
    }
    #expect(Set(taken.map(\.key)).count == 50)
    #expect(Set(try await stores[0].contents().leases) == Set(taken))
  }

  /// What overlayd does at its start.
  private static func join(_ store: EtcdStore, _ node: String) async throws -> Lease {
    let configuration = try await store.configuration()
    while true {
      let chooser = LeaseChooser(configuration, try await store.contents())
      let key = try chooser.choose(node: node).required
      var lease = Lease(subnet: key.subnet)
      lease.vni = 1
      lease.holder = LeaseHolder(node: node, instance: "a", since: 1)
      do throws(StoreError) {
        try await store.claim(lease, replacing: nil)
        return lease
      } catch {
        guard case .taken = error else { throw error }
      }
    }
  }
}
