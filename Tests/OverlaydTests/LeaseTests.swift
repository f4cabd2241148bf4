import Addresses
import Glibc
import JSON
import Linux
import Overlay
import TestSupport
import Testing

@Suite("leases", .networkNamespace)
struct LeaseTests {
  @Test("50 hosts that start at the same second get 50 different networks, and none of them ends")
  func manyAtOnce() throws {
    let segment = try Segment(hosts: 50, ["Network": "10.244.0.0/18", "SubnetLen": 24])
    for host in segment.hosts { try host.start() }
    let keys = try segment.hosts.map { try $0.waitForLease().key }
    #expect(Set(keys).count == 50)
    #expect(segment.hosts.allSatisfy { $0.daemon?.isRunning == true })
    try segment[1].wait("all peers") { try segment[1].routes().count == 49 }
  }

  @Test("a host that comes back with another address keeps its network, and the others follow without a stale entry")
  func newAddress() throws {
    let segment = try Segment(hosts: 2, ["Network": "10.244.0.0/16"])
    try segment.start()
    let lease = try segment[2].waitForLease()
    segment[2].stop()
    try segment[2].run("ip addr flush dev lan0")
    try segment[2].run("ip addr add 192.0.2.77/24 dev lan0")
    try segment[2].start()
    try segment[1].wait("the new address") { try segment[1].forwarding().values.contains("192.0.2.77") }
    #expect(try segment[2].waitForLease().key == lease.key)
    #expect(try !segment[1].forwarding().values.contains("192.0.2.2"))
    #expect(try segment[1].routes().count == 1)
  }

  @Test("a change of a host's address is seen at once, without a restart of anything")
  func changedAddress() throws {
    let segment = try Segment(hosts: 2, ["Network": "10.244.0.0/16"])
    try segment.start()
    let processID = segment[2].daemon?.processID
    try segment[2].run("ip addr add 192.0.2.77/24 dev lan0")
    try segment[2].run("ip addr del 192.0.2.2/24 dev lan0")
    // The kernel removes the second address of a network with the first one.
    try segment[2].run("ip addr replace 192.0.2.77/24 dev lan0")
    try segment[1].wait("the new address") { try Set(segment[1].forwarding().values) == ["192.0.2.77"] }
    #expect(segment[2].daemon?.processID == processID && segment[2].daemon?.isRunning == true)
    let containers = try segment.hosts.map { try $0.attach("c\($0.number)") }
    _ = try Conversation(from: containers[0].namespace, to: containers[1].address(.v4), 80, server: containers[1].namespace, 80)
  }

  @Test("a host with another Ethernet address replaces its old entries")
  func newMAC() throws {
    let segment = try Segment(hosts: 2, ["Network": "10.244.0.0/16"])
    try segment.start()
    let file = "\(segment.folder)/\(try segment[2].waitForLease().key.description.replacingSlash).json"
    segment[2].stop()
    var lease = try Lease(parsing: FileSystem.read(file))
    lease.macAddress = MACAddress("02:00:00:00:00:77")
    try FileSystem.replace(file, content: Array(JSONValue.object(lease.json).text.utf8))
    try segment[1].wait("the new address") { try segment[1].forwarding() == ["02:00:00:00:00:77": "192.0.2.2"] }
    #expect(try Array(segment[1].neighbors().values) == ["02:00:00:00:00:77"])
  }

  @Test("a host that died is forgotten when its lease ends, and its network is nobody's while the quarantine lasts")
  func death() throws {
    let segment = try Segment(
      hosts: 3, ["Network": "10.244.0.0/16", "SubnetLen": 24, "SubnetMin": "10.244.1.0", "SubnetMax": "10.244.2.0"])
    for number in [1, 2] { try segment[number].start(["--lease-seconds", "3", "--quarantine-seconds", "5"]) }
    for number in [1, 2] { try segment[number].waitForPeers(1) }
    let lease = try segment[2].waitForLease()
    segment[2].stop()
    try segment[3].start(["--lease-seconds", "3", "--quarantine-seconds", "5"])
    try segment[1].wait("forgetting") {
      try segment[1].routes().isEmpty && segment[1].forwarding().isEmpty && segment[1].neighbors().isEmpty
    }
    // Both networks are taken or in quarantine, so the third host had to wait for the end of both.
    let end = try Lease(parsing: FileSystem.read("\(segment.folder)/\(lease.key.description.replacingSlash).json")).expiry ?? 0
    let next = try segment[3].waitForLease()
    #expect(next.key == lease.key)
    #expect(try (next.holder?.since).orThrow("no holder") >= (end + 5) * 1000)
  }

  @Test("a lease that somebody deletes is taken again, the same network")
  func deleted() throws {
    let segment = try Segment(hosts: 2, ["Network": "10.244.0.0/16"])
    try segment.start()
    let lease = try segment[1].waitForLease(), file = "\(segment.folder)/\(lease.key.description.replacingSlash).json"
    let container = try segment[1].attach("c1")
    try FileSystem.remove(file)
    try segment[1].wait("the lease") { FileSystem.exists(file) }
    #expect(try segment[1].waitForLease().key == lease.key)
    try segment[2].wait("the route") { try segment[2].routes().keys.contains("\(lease.key)") }
    let far = try segment[2].attach("c2")
    _ = try Conversation(from: far.namespace, to: container.address(.v4), 80, server: container.namespace, 80)
    #expect(segment[1].log.contains("taking it again"))
  }

  @Test("a host made from a copy of another one gives way, says so, and takes another network")
  func copiedState() throws {
    let segment = try Segment(hosts: 3, ["Network": "10.244.0.0/16"])
    for number in [1, 3] { try segment[number].start() }
    try segment[3].waitForPeers(1)
    let lease = try segment[1].waitForLease()
    try FileSystem.createFolders(segment[2].dataFolder)
    try FileSystem.replace("\(segment[2].dataFolder)/lab.json", content: FileSystem.read("\(segment[1].dataFolder)/lab.json"))
    try segment[2].start()
    let other = try segment[2].waitForLease { $0.key != lease.key }
    #expect(!other.overlaps(lease))
    #expect(other.holder?.node != lease.holder?.node)
    #expect(segment[2].log.contains("level=error") && segment[2].log.contains("claimed this host's network earlier"))
    #expect(try segment[1].waitForLease().key == lease.key)
    try segment[3].wait("both") { try Set(segment[3].forwarding().values) == ["192.0.2.1", "192.0.2.2"] }
    #expect(
      try segment[3].json("bridge -j fdb show dev ovl.1").elements.first { $0["dst"] == "192.0.2.1" }?["mac"].string
        == lease.macAddress?.description)
  }

  @Test("of two hosts that claimed one network apart, the later one takes another, and its containers are told by STATUS")
  func splitFolder() throws {
    let segment = try Segment(hosts: 2, ["Network": "10.244.0.0/16"])
    try segment[1].start()
    let mine = try segment[1].waitForLease()
    _ = try segment[1].attach("c1")
    #expect(try segment[1].plugin("STATUS").status == 0)
    // What a folder brings that was kept the same again: another host's file under the same name.
    var theirs = mine
    theirs.publicAddress = IPAddress("192.0.2.2")
    theirs.hostName = "other"
    theirs.holder = LeaseHolder(node: "other", instance: "other", since: 1)
    theirs.expiry = WallClock.seconds + 3600
    let file = "\(segment.folder)/\(mine.key.description.replacingSlash).json"
    try FileSystem.replace(file, content: Array(JSONValue.object(theirs.json).text.utf8))
    let new = try segment[1].waitForLease { $0.key != mine.key }
    #expect(!new.overlaps(theirs))
    let status = try segment[1].plugin("STATUS")
    #expect(try status.json["code"].integer == 51 && status.text.contains("\(mine.key)") && status.text.contains("other"))
    // New containers get addresses of the new network, and once the old one is gone all is well.
    let second = try segment[1].attach("c2")
    #expect(try (new.subnet?.contains(IPAddress(second.address(.v4)) ?? IPAddress(.v4, 0))) == true)
    #expect(try segment[1].plugin("DEL", id: "c1").status == 0)
    #expect(try segment[1].plugin("STATUS").status == 0)
  }

  @Test("of two hosts that claimed one network apart, the earlier one puts its lease back")
  func earlierStays() throws {
    let segment = try Segment(hosts: 2, ["Network": "10.244.0.0/16"])
    try segment[1].start()
    let mine = try segment[1].waitForLease(), file = "\(segment.folder)/\(mine.key.description.replacingSlash).json"
    var theirs = mine
    theirs.publicAddress = IPAddress("192.0.2.2")
    theirs.holder = LeaseHolder(node: "other", instance: "other", since: .max)
    try FileSystem.replace(file, content: Array(JSONValue.object(theirs.json).text.utf8))
    try segment[1].wait("its lease") { try Lease(parsing: FileSystem.read(file)).holder?.node == mine.holder?.node }
    #expect(try segment[1].waitForLease().key == mine.key)
  }
}

extension String {
  /// A lease's network as its file is named.
  var replacingSlash: String { split(separator: "/").joined(separator: "-") }
}
