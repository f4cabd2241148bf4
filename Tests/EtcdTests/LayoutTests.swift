import Addresses
import Etcd
import JSON
import Overlay
import OverlayControl
import TestSupport
import Testing

@Suite("etcd: flannel's layout", .networkNamespace, .withinTheWholeRun)
struct LayoutTests {
  @Test("reads a network that flannel's hosts are in, as flannel writes it")
  func readsFlannel() async throws {
    let etcd = try EtcdServers()
    try etcd.control("put", "/coreos.com/network/config", Hosts.configuration)
    let lease = try etcd.control("lease", "grant", "86400").split(separator: " ")[1]
    let record = #"{"PublicIP":"10.98.0.1","PublicIPv6":null,"BackendType":"vxlan","BackendData":{"VNI":7,"VtepMAC":"9e:4e:7d:22:5c:11"}}"#
    try etcd.control("put", "/coreos.com/network/subnets/10.200.69.0-24", record, "--lease=\(lease)")
    try etcd.control(
      "put", "/coreos.com/network/subnets/10.200.70.0-24&fd00:200:70::-64",
      #"{"PublicIP":"10.98.0.2","PublicIPv6":"fd00:98::2","BackendType":"vxlan","BackendData":{"VNI":7,"VtepMAC":"9e:4e:7d:22:5c:12"},"BackendV6Data":{"VNI":7,"VtepMAC":"9e:4e:7d:22:5c:13"}}"#
    )
    try etcd.control(
      "put", "/coreos.com/network/subnets/10.200.71.0-24", #"{"PublicIP":"10.98.0.3","PublicIPv6":null,"BackendType":"host-gw"}"#)

    let store = try EtcdStore(etcd.configuration())
    let configuration = try await store.configuration()
    #expect(configuration.vni == 7 && configuration.port == 8472 && configuration.ipv4?.network == Subnet("10.200.0.0/16"))
    let leases = try await store.contents().leases.sorted { $0.key.description < $1.key.description }
    #expect(leases.map(\.key.description) == ["10.200.69.0/24", "10.200.70.0/24 and fd00:200:70::/64", "10.200.71.0/24"])
    #expect(leases.map(\.publicAddress?.description) == ["10.98.0.1", "10.98.0.2", "10.98.0.3"])
    #expect(leases[0].macAddress == MACAddress("9e:4e:7d:22:5c:11") && leases[0].vni == 7 && leases[0].holder == nil)
    #expect(leases[1].publicIPv6Address == IPAddress("fd00:98::2") && leases[1].macAddress == MACAddress("9e:4e:7d:22:5c:12"))
    #expect(leases[1].ipv6MACAddress == MACAddress("9e:4e:7d:22:5c:13") && leases[0].ipv6MACAddress == nil)
    #expect(leases[2].dataPath == .hostGateway)
  }

  @Test("writes a lease so that flannel's hosts understand it, for a day, and nothing else where they look")
  func writesForFlannel() async throws {
    let etcd = try EtcdServers()
    let store = try EtcdStore(etcd.configuration())
    try await store.claim(Hosts.lease(3), replacing: nil)

    let keys = try etcd.control("get", "--prefix", "/coreos.com/network/subnets", "--keys-only").split(separator: "\n")
    #expect(keys == ["/coreos.com/network/subnets/10.200.3.0-24"])
    let text = try etcd.control("get", "/coreos.com/network/subnets/10.200.3.0-24", "--print-value-only")
    let json = try JSONValue(parsing: Array(text.utf8))
    #expect(json["PublicIP"] == "192.0.2.3" && json["PublicIPv6"] == .null && json["BackendType"] == "vxlan")
    #expect(json["BackendData"]["VNI"] == 7 && json["BackendData"]["VtepMAC"] == "02:00:00:00:00:03")

    let leases = try etcd.control("lease", "list").split(separator: "\n").dropFirst()
    let kept = try leases.map { try etcd.control("lease", "timetolive", String($0), "--keys") }.first {
      $0.contains("subnets/10.200.3.0-24")
    }
    #expect(try kept.required.contains("granted with TTL(86400s)"))
  }

  @Test("writes both families under flannel's name for them, and reads them back")
  func dualStack() async throws {
    let etcd = try EtcdServers()
    let store = try EtcdStore(etcd.configuration(), prefix: "/other/place")
    var lease = try Hosts.lease(3)
    lease.ipv6Subnet = Subnet("fd00:200:3::/64")
    lease.publicIPv6Address = IPAddress("fd00:98::3")
    try await store.claim(lease, replacing: nil)
    var single = try Hosts.lease(4)
    (single.subnet, single.ipv6Subnet) = (nil, Subnet("fd00:200:4::/64"))
    try await store.claim(single, replacing: nil)
    let keys = try etcd.control("get", "--prefix", "/other/place/subnets", "--keys-only").split(separator: "\n")
    #expect(keys == ["/other/place/subnets/0.0.0.0-0&fd00:200:4::-64", "/other/place/subnets/10.200.3.0-24&fd00:200:3::-64"])
    #expect(Set(try await store.contents().leases) == [lease, single])
  }

  @Test("reads and writes the public keys of WireGuard's hosts as flannel does")
  func wireGuard() async throws {
    let etcd = try EtcdServers()
    let key = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
    try etcd.control(
      "put", "/coreos.com/network/config", #"{"Network":"10.200.0.0/16","Backend":{"Type":"wireguard","ListenPort":51830}}"#)
    try etcd.control(
      "put", "/coreos.com/network/subnets/10.200.69.0-24",
      #"{"PublicIP":"10.98.0.1","PublicIPv6":null,"BackendType":"wireguard","BackendData":{"PublicKey":"\#(key)"}}"#)
    let store = try EtcdStore(etcd.configuration())
    let configuration = try await store.configuration()
    #expect(configuration.dataPath == .wireguard && configuration.port == 51830)
    let found = try await store.contents().leases
    #expect(found.map(\.wireguardKey) == [key] && found[0].dataPath == .wireguard && found[0].port == nil)

    var mine = try Hosts.lease(3)
    (mine.dataPath, mine.vni, mine.macAddress) = (.wireguard, nil, nil)
    (mine.wireguardKey, mine.port) = (key, 51830)
    try await store.claim(mine, replacing: nil)
    let json = try JSONValue(
      parsing: Array(etcd.control("get", "/coreos.com/network/subnets/10.200.3.0-24", "--print-value-only").utf8))
    #expect(json["BackendType"] == "wireguard" && json["BackendData"]["PublicKey"].string == key)
    #expect(try await store.contents().leases.contains(mine))
  }

  @Test("reads and writes the records of WireGuard's hosts with a device for each family as flannel does")
  func wireGuardDevices() async throws {
    let etcd = try EtcdServers()
    let key = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
    func put(_ number: Int, _ ports: (String, String)) throws {
      try etcd.control(
        "put", "/coreos.com/network/subnets/10.200.\(number).0-24&fd00:200:\(number)::-64",
        #"{"PublicIP":"10.98.0.1","PublicIPv6":"fd00:98::1","BackendType":"wireguard","BackendData":{"PublicKey":"\#(key)"\#(ports.0)},"BackendV6Data":{"PublicKey":"\#(key)"\#(ports.1)}}"#
      )
    }
    // Older ones leave the ports to the configuration.
    try put(69, ("", ""))
    try put(70, (#","Port":51820"#, #","Port":51821"#))
    let store = try EtcdStore(etcd.configuration())
    let found = try await store.contents().leases.sorted { $0.key.description < $1.key.description }
    #expect(found.map(\.wireguardKey) == [key, key] && found.map(\.port) == [nil, 51820] && found.map(\.ipv6Port) == [nil, 51821])

    var mine = try Hosts.lease(3)
    (mine.ipv6Subnet, mine.publicIPv6Address) = (Subnet("fd00:200:3::/64"), IPAddress("fd00:98::3"))
    (mine.dataPath, mine.vni, mine.macAddress) = (.wireguard, nil, nil)
    (mine.wireguardKey, mine.port, mine.ipv6Port) = (key, 51820, 51821)
    try await store.claim(mine, replacing: nil)
    let text = try etcd.control("get", "/coreos.com/network/subnets/10.200.3.0-24&fd00:200:3::-64", "--print-value-only")
    let json = try JSONValue(parsing: Array(text.utf8))
    #expect(json["BackendData"]["PublicKey"].string == key && json["BackendV6Data"]["PublicKey"].string == key)
    #expect(json["BackendData"]["Port"] == 51820 && json["BackendV6Data"]["Port"] == 51821)
    #expect(try await store.contents().leases.contains(mine))
  }

  @Test("takes over the record of this host that flannel has written")
  func takesOver() async throws {
    let etcd = try EtcdServers()
    let lease = try etcd.control("lease", "grant", "86400").split(separator: " ")[1]
    let record = #"{"PublicIP":"192.0.2.3","PublicIPv6":null,"BackendType":"vxlan","BackendData":{"VNI":7,"VtepMAC":"9e:4e:7d:22:5c:11"}}"#
    try etcd.control("put", "/coreos.com/network/subnets/10.200.3.0-24", record, "--lease=\(lease)")
    let store = try EtcdStore(etcd.configuration())
    let found = try await store.contents().leases
    let mine = try Hosts.lease(3)
    await #expect(throws: StoreError.taken(by: found[0])) { try await store.claim(mine, replacing: nil) }
    try await store.claim(mine, replacing: found[0])
    #expect(try await store.contents().leases == [mine])
    // The record stays with the lease that flannel has taken, so it ends as flannel would have ended it.
    #expect(try etcd.control("lease", "timetolive", String(lease), "--keys").contains("10.200.3.0-24"))
  }

  @Test("a reservation by hand, which has no lease, stays one")
  func reservationByHand() async throws {
    let etcd = try EtcdServers()
    try etcd.control("put", "/coreos.com/network/subnets/10.200.3.0-24", #"{"PublicIP":"192.0.2.3","BackendType":"vxlan"}"#)
    let store = try EtcdStore(etcd.configuration())
    let found = try await store.contents().leases
    try await store.claim(Hosts.lease(3), replacing: found[0])
    let fields = try etcd.control("get", "/coreos.com/network/subnets/10.200.3.0-24", "-w", "fields").split(separator: "\n")
    #expect(fields.contains("\"Version\" : 2") && fields.contains("\"Lease\" : 0"))
  }

  @Test("a record that cannot be read is named and skipped, and its network is not given away")
  func tornRecord() async throws {
    let etcd = try EtcdServers()
    try etcd.control("put", "/coreos.com/network/subnets/10.200.3.0-24", #"{"PublicIP":"192.0.2"#)
    try etcd.control("put", "/coreos.com/network/subnets/elsewhere", "{}")
    let store = try EtcdStore(etcd.configuration())
    try await store.claim(Hosts.lease(4), replacing: nil)
    let contents = try await store.contents()
    #expect(contents.leases == [try Hosts.lease(4)])
    #expect(contents.faults.keys.sorted() == ["/coreos.com/network/subnets/10.200.3.0-24", "/coreos.com/network/subnets/elsewhere"])
    #expect(contents.quarantined == [Quarantine(LeaseKey(subnet: Subnet("10.200.3.0/24")))])
  }

  @Test("without a configuration, or with one that cannot be, one line says what is missing")
  func configurationFaults() async throws {
    let etcd = try EtcdServers()
    let store = try EtcdStore(etcd.configuration())
    let missing = await #expect(throws: StoreError.self) { try await store.configuration() }
    #expect(missing?.description.contains("/coreos.com/network/config does not exist") == true)
    try etcd.control("put", "/coreos.com/network/config", #"{"Network":"10.200.0.1/16"}"#)
    let wrong = await #expect(throws: StoreError.self) { try await store.configuration() }
    #expect(wrong?.description.contains("10.200.0.1/16") == true)
  }
}
