import Addresses
import IPAM
import Linux
import TestSupport
import Testing

@Suite("Leases and reboots")
struct RebootTests {
  let folder: LeaseFolder
  let network: AddressPlan

  init() throws {
    folder = try LeaseFolder()
    network = try plan([pool("10.0.0.0/24")])
  }

  @Test("reclaims everything when nobody else has used the folder")
  func reclaims() throws {
    for id in ["a", "b", String(repeating: "c", count: 300)] { try folder.allocate(owner(id), network, boot: "one") }
    #expect(try folder.allocate(owner("d"), network, boot: "one") == ["10.0.0.5"])
    #expect(try folder.allocate(owner("e"), network, boot: "two") == ["10.0.0.6"])
    #expect(try folder.leasedAddresses == ["10.0.0.6"])
    #expect(try folder.indexNames == ["@e:eth0", "boot"])
    #expect(try folder.allocate(owner("a"), network, boot: "two") == ["10.0.0.7"])
    #expect(try folder.content(".index/boot") == "two")
  }

  @Test("keeps the leases of a folder that was never ours, until the reboot after")
  func adopts() throws {
    try folder.write("10.0.0.2", "a\r\neth0")
    try folder.write("10.0.0.3", "b\r\neth0")
    #expect(try folder.allocate(owner("c"), network, boot: "one") == ["10.0.0.4"])
    #expect(try folder.leasedAddresses == ["10.0.0.2", "10.0.0.3", "10.0.0.4"])
    try folder.allocate(owner("c"), network, boot: "two")
    #expect(try folder.leasedAddresses == ["10.0.0.5"])
  }

  @Test("spares what the reference leased after the reboot and before us")
  func sparesNewerLeases() throws {
    try folder.allocate(owner("a"), network, boot: "one")
    try folder.allocate(owner("b"), network, boot: "one")
    // The reference runs first after the reboot: it leases an address, and another one anew to the same attachment.
    try folder.write("10.0.0.9", "c\r\neth0")
    try folder.remove("10.0.0.3")
    try folder.write("10.0.0.3", "b\r\neth0")
    #expect(try folder.allocate(owner("d"), network, boot: "two") == ["10.0.0.4"])
    #expect(try folder.leasedAddresses == ["10.0.0.3", "10.0.0.4", "10.0.0.9"])
    try folder.allocate(owner("d"), network, boot: "three")
    #expect(try folder.leasedAddresses == ["10.0.0.5"])
  }

  @Test("reclaims nothing twice and nothing of this boot after being killed", arguments: ["", "10.0.0.3"])
  func interrupted(removed: String) throws {
    try folder.allocate(owner("a"), network, boot: "one")
    try folder.allocate(owner("b"), network, boot: "one")
    // Killed during reclaiming: some files are gone, the record is still the old one.
    if !removed.isEmpty { try folder.remove(removed) }
    try folder.allocate(owner("c"), network, boot: "two")
    #expect(try folder.leasedAddresses == ["10.0.0.4"])
    // Killed while the record was replaced: there is none, so nothing may go.
    try folder.remove(".index/boot")
    try folder.allocate(owner("d"), network, boot: "two")
    #expect(try folder.leasedAddresses == ["10.0.0.4", "10.0.0.5"])
  }

  @Test("keeps leases if told to, and reclaims only later ones when told otherwise")
  func keeps() throws {
    try folder.allocate(owner("a"), network, boot: "one")
    do {
      var store = try folder.store(.keep, boot: "two")
      #expect(throws: AllocationError.self) { try store.allocate(for: owner("a"), from: network) }
      #expect(try store.hasLease(owner("a")))
    }
    #expect(try folder.isIndexBelieved)
    #expect(throws: AllocationError.self) { try folder.allocate(owner("a"), network, boot: "two") }
    #expect(try folder.allocate(owner("a"), network, boot: "three") == ["10.0.0.3"])
  }

  @Test("a release after the reboot finds what it is asked for, and leaves the rest to be reclaimed")
  func releaseFirst() throws {
    for id in ["a", "b"] { try folder.allocate(owner(id), network, boot: "one") }
    do {
      var store = try folder.store(boot: "two")
      #expect(try store.release(owner("a")).map(\.description) == ["10.0.0.2"])
    }
    try folder.allocate(owner("c"), network, boot: "two")
    #expect(try folder.leasedAddresses == ["10.0.0.4"])
  }

  @Test("a full range is free again after a reboot")
  func status() throws {
    let small = try plan([pool("10.0.0.0/30")])
    try folder.allocate(owner("a"), small, boot: "one")
    var store = try folder.store(boot: "one")
    #expect(try store.exhaustedSet(of: small) == 0)
    _ = consume store
    store = try folder.store(boot: "two")
    #expect(try store.exhaustedSet(of: small) == nil)
  }

  @Test("notes no boot in memory, where nothing outlives the kernel")
  func memory() throws {
    let folder = try LeaseFolder("/dev/shm")
    try folder.allocate(owner("a"), network, boot: "one")
    #expect(try folder.indexNames == ["@a:eth0"])
    #expect(try folder.allocate(owner("b"), network, boot: "two") == ["10.0.0.3"])
    #expect(try folder.leasedAddresses == ["10.0.0.2", "10.0.0.3"])
  }

  @Test("uses the running kernel's boot ID by itself")
  func currentBoot() throws {
    try folder.allocate(owner("a"), network)
    #expect(try folder.content(".index/boot") == BootIdentifier.current().text)
    #expect(try BootIdentifier.current().text.utf8.count == 36)
  }
}
