import Etcd
import Glibc
import Overlay
import OverlayControl
import TestSupport
import Testing

@Suite("etcd: faults", .networkNamespace, .withinTheWholeRun)
struct FaultTests {
  @Test("stopped and started again: one line says so, what is known stays, and nothing is missed")
  func restarted() async throws {
    let etcd = try EtcdServers()
    let writer = try EtcdStore(etcd.configuration())
    try await writer.claim(Hosts.lease(3), replacing: nil)
    let listener = Listener(try EtcdStore(etcd.configuration()))
    #expect(try await listener.contents().leases == [try Hosts.lease(3)])
    etcd.stop(0)
    #expect(try await listener.failure().hasPrefix("etcd http://127.0.0.1:2379: "))
    let refused = await #expect(throws: StoreError.self) { try await writer.contents() }
    #expect(refused == .lostContact("etcd http://127.0.0.1:2379: connection refused"))
    try etcd.start(0)
    try etcd.control("del", "/coreos.com/network/subnets/10.200.3.0-24")
    try await listener.change(.removed(Hosts.lease(3).key))
    try await writer.claim(Hosts.lease(4), replacing: nil)
    try await listener.change(.put(Hosts.lease(4)))
  }

  @Test("cut off while the history was compacted: everything is read anew")
  func compacted() async throws {
    let etcd = try EtcdServers()
    let writer = try EtcdStore(etcd.configuration())
    try await writer.claim(Hosts.lease(3), replacing: nil)
    let listener = Listener(try EtcdStore(etcd.configuration(host: "127.0.0.2")))
    #expect(try await listener.contents().leases == [try Hosts.lease(3)])
    try cut()
    _ = try await listener.failure()
    try await writer.release(Hosts.lease(3))
    try await writer.claim(Hosts.lease(4), replacing: nil)
    let text = try etcd.control("put", "/last", "1", "-w", "json")
    let revision = try text.firstMatch(of: /"revision":(\d+)/).required.1
    try etcd.control("compact", String(revision))
    try Command.run("nft delete table ip cut")
    #expect(try await listener.contents().leases == [try Hosts.lease(4)])
  }

  @Test("a connection that is reset: the watch goes on where it was")
  func reset() async throws {
    let etcd = try EtcdServers()
    let writer = try EtcdStore(etcd.configuration()), listener = Listener(try EtcdStore(etcd.configuration(host: "127.0.0.2")))
    #expect(try await listener.contents() == StoreContents())
    try cut()
    #expect(try await !listener.failure().isEmpty)
    try await writer.claim(Hosts.lease(3), replacing: nil)
    try Command.run("nft delete table ip cut")
    try await listener.contact()
    #expect(listener.heard.last == .contact, "the changes are to be had, so nothing is read anew: \(listener.heard)")
    try await listener.change(.put(Hosts.lease(3)))
  }

  @Test("started again without its data: everything is read anew")
  func dataLost() async throws {
    let etcd = try EtcdServers()
    let writer = try EtcdStore(etcd.configuration())
    for number in 3...6 { try await writer.claim(Hosts.lease(number), replacing: nil) }
    let listener = Listener(try EtcdStore(etcd.configuration()))
    #expect(try await listener.contents().leases.count == 4)
    etcd.stop(0, SIGKILL)
    try Command.run("rm -r \(etcd.folder)/m0")
    try etcd.start(0)
    #expect(try await listener.contents() == StoreContents())
  }

  @Test("one of three members killed, the one in use: the others serve, and no change is missed")
  func memberKilled() async throws {
    let etcd = try EtcdServers(count: 3)
    let listener = Listener(try EtcdStore(etcd.configuration()))
    #expect(try await listener.contents() == StoreContents())
    let member = try etcd.member().required
    let writer = try EtcdStore(etcd.configuration())
    etcd.stop(member, SIGKILL)
    for number in 3...5 { try await writer.claim(Hosts.lease(number), replacing: nil) }
    var missing = Set(try (3...5).map { LeaseChange.put(try Hosts.lease($0)) })
    while !missing.isEmpty {
      if case .changes(let changes) = try await listener.wait(for: { if case .changes = $0 { true } else { false } }) {
        missing.subtract(changes)
      }
    }
  }

  @Test("another leader: claims and changes go on")
  func leaderMoved() async throws {
    let etcd = try EtcdServers(count: 3)
    let writer = try EtcdStore(etcd.configuration()), listener = Listener(try EtcdStore(etcd.configuration()))
    #expect(try await listener.contents() == StoreContents())
    for round in 3...5 {
      try etcd.moveLeader()
      try await writer.claim(Hosts.lease(round), replacing: nil)
      try await listener.change(.put(Hosts.lease(round)))
    }
  }

  @Test("two of three members killed: one line says that there is no leader; when they are back all goes on")
  func minority() async throws {
    let etcd = try EtcdServers(count: 3)
    let listener = Listener(try EtcdStore(etcd.configuration()))
    #expect(try await listener.contents() == StoreContents())
    let member = try etcd.member().required
    let others = (0..<3).filter { $0 != member }
    for other in others { etcd.stop(other, SIGKILL) }
    #expect(try await listener.failure() == "etcd \(etcd.endpoint(member)): it knows no leader")
    for other in others { try etcd.start(other) }
    let writer = try EtcdStore(etcd.configuration())
    try etcd.waitUntilServing()
    try await writer.claim(Hosts.lease(3), replacing: nil)
    try await listener.change(.put(Hosts.lease(3)))
  }

  /// Resets every connection to 127.0.0.2, at once and until the table is deleted.
  private func cut() throws {
    try Command.run(
      "nft -f -",
      input: "table ip cut { chain in { type filter hook input priority 0; ip daddr 127.0.0.2 tcp dport 2379 reject with tcp reset; }; }")
    try Command.run("ss -K dst 127.0.0.2")
  }
}
