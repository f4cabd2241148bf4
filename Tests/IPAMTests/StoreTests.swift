import Addresses
import Glibc
import IPAM
import Linux
import TestSupport
import Testing

@Suite("Lease store")
struct StoreTests {
  let folder: LeaseFolder
  let network: AddressPlan

  init() throws {
    folder = try LeaseFolder()
    network = try plan([pool("10.0.0.0/24")])
  }

  @Test("writes the files of the reference host-local")
  func files() throws {
    try folder.allocate(owner(" abc\n"), network)
    #expect(try folder.visibleNames == ["10.0.0.2", "last_reserved_ip.0", "lock"])
    #expect(try folder.content("10.0.0.2") == "abc\r\neth0")
    #expect(try folder.content("last_reserved_ip.0") == "10.0.0.2")
    #expect(try folder.content("lock") == "")
  }

  @Test("keeps an IPv6 address's colons in the file name")
  func sixFiles() throws {
    try folder.allocate(owner("a"), plan([pool("2001:db8::/64", "2001:db8::a:b")]))
    #expect(try folder.leasedAddresses == ["2001:db8::a:b"])
  }

  @Test("leaves no trace of a longer last address")
  func shorterLast() throws {
    try folder.write("last_reserved_ip.0", "10.0.0.254\nand more")
    try folder.allocate(owner("a"), network)
    #expect(try folder.content("last_reserved_ip.0") == "10.0.0.2")
  }

  @Test("removes files that name nobody, and hands their addresses out", arguments: ["", " \r\n", "\0\0\0\0", "\r\neth0\0"])
  func tornFiles(content: String) throws {
    try folder.write("10.0.0.2", content)
    try folder.write("10.0.0.200", content)
    let isTorn = LeaseOwner(content: Array(content.utf8)) == nil
    #expect(isTorn == (content != "\r\neth0\0"))
    #expect(try folder.allocate(owner("a"), network) == [isTorn ? "10.0.0.2" : "10.0.0.3"])
    #expect(try folder.leasedAddresses.contains("10.0.0.200") == !isTorn)
  }

  @Test("takes only canonical addresses for leases")
  func otherNames() throws {
    for name in ["10.0.0.02", "FD00::1", "fd00:0::1", "notes", "last_reserved_ip.7", "10.0.0.3.1234"] {
      try folder.write(name, "a\r\neth0")
    }
    #expect(try folder.allocate(owner("a"), network) == ["10.0.0.2"])
    #expect(try folder.release(owner("a")) == ["10.0.0.2"])
  }

  @Test("leaves alone what has an address's name and is no file")
  func notFiles() throws {
    try FileSystem.createFolders("\(folder.path)/10.0.0.2")
    try #require(symlink("/nowhere", "\(folder.path)/10.0.0.3") == 0)
    #expect(try folder.allocate(owner("a"), network) == ["10.0.0.4"])
    var store = try folder.store()
    #expect(try store.collect(keeping: []).released.map(\.address.description) == ["10.0.0.4"])
    #expect(try folder.leasedAddresses == ["10.0.0.2", "10.0.0.3"])
  }

  @Test("releases the files of very old versions, which name the container alone, if there are no others")
  func oldStyle() throws {
    try folder.write("10.0.0.5", "a\n")
    try folder.write("10.0.0.6", "a\r\neth1")
    #expect(try folder.release(owner("a", "eth1")) == ["10.0.0.6"])
    #expect(try folder.release(owner("a", "eth1")) == ["10.0.0.5"])
    #expect(try folder.release(owner("a", "eth1")) == [])
  }

  @Test("finds leases that others wrote, whenever they did")
  func foreignLeases() throws {
    try folder.allocate(owner("a"), network)
    try folder.write("10.0.0.9", "b\r\neth0")
    #expect(throws: AllocationError.self) { try folder.allocate(owner("b"), network) }
    #expect(try folder.release(owner("b")) == ["10.0.0.9"])
    #expect(try folder.release(owner("a")) == ["10.0.0.2"])
  }

  @Test("does not believe an index that others made wrong")
  func wrongIndex() throws {
    try folder.allocate(owner("a"), network)
    // In place, so that neither folder shows it.
    try folder.overwrite("10.0.0.2", "b\r\neth0")
    #expect(try folder.release(owner("a"), known: ["10.0.0.2"]) == [])
    #expect(try folder.leasedAddresses == ["10.0.0.2"])
    #expect(try folder.release(owner("b")) == ["10.0.0.2"])
  }

  @Test("makes the index anew when it was damaged", arguments: ["@a:eth0", "@b:eth0", "*"])
  func damagedIndex(name: String) throws {
    try folder.allocate(owner("a"), network)
    try folder.allocate(owner("b"), network)
    _ = try Command.attempt(["sh", "-c", "rm -r \(folder.path)/.index/\(name)"])
    #expect(throws: AllocationError.self) { try folder.allocate(owner("a"), network) }
    #expect(try folder.indexNames == ["@a:eth0", "@b:eth0", "boot"])
    #expect(try folder.release(owner("a")) == ["10.0.0.2"])
    #expect(try folder.release(owner("b")) == ["10.0.0.3"])
  }

  @Test("believes the index in the folder where it was made, and not in a copy")
  func copies() throws {
    try folder.allocate(owner("a"), network)
    let copy = try LeaseFolder()
    try Command.run("cp -a \(folder.path) \(copy.dataFolder)/")
    // Takes the index away so that neither folder's time shows it.
    for place in [folder, copy] {
      _ = try Command.attempt(["sh", "-c", "cd \(place.path) && touch -r . ../t && rm .index/@a:eth0 && touch -r ../t . .index"])
    }
    #expect(try copy.release(owner("a")) == ["10.0.0.2"])
    #expect(try folder.release(owner("a")) == [])
  }

  @Test(
    "stops believing the index when anybody adds, removes or renames a name",
    arguments: [
      "touch x", "rm 10.0.0.2", "mv 10.0.0.2 10.0.0.3", "touch .index/x", "rm .index/@a:eth0", "rm -r .index", "touch .",
    ])
  func brokenSeal(change: String) throws {
    try folder.allocate(owner("a"), network)
    #expect(try folder.isIndexBelieved)
    _ = try Command.attempt(["sh", "-c", "cd \(folder.path) && \(change)"])
    #expect(try !folder.isIndexBelieved)
    try folder.release(owner("nobody"))
    #expect(try folder.isIndexBelieved)
    #expect(try folder.indexNames.filter { $0 != "boot" }.count == folder.leasedAddresses.count)
  }

  @Test("has the leases of names that no index can hold", arguments: [String(repeating: "a", count: 300), "a:b", "a/b", "fd00:"])
  func unindexable(id: String) throws {
    #expect(try folder.allocate(owner(id), network) == ["10.0.0.2"])
    #expect(try folder.isIndexBelieved)
    #expect(throws: AllocationError.self) { try folder.allocate(owner(id), network) }
    var store = try folder.store()
    #expect(try store.hasLease(owner(id)))
    #expect(try store.release(owner(id)).count == 1)
    #expect(try !store.hasLease(owner(id)))
  }

  @Test("leaves no name in the index that the reference would take for an address")
  func indexNames() throws {
    try folder.write("10.0.0.8", "fd00")
    try folder.write("10.0.0.9", "fd00")
    try folder.release(owner("nobody"))
    #expect(try folder.indexNames.filter { $0 != "boot" } == ["@fd00:", "@fd00::1"])
  }

  @Test("releases by name what others leased, without reading the rest")
  func knownAddresses() throws {
    try folder.write("10.0.0.5", "a\r\neth0")
    try folder.write("10.0.0.6", "b\r\neth0")
    #expect(try folder.release(owner("a"), known: ["10.0.0.6"]) == ["10.0.0.5"])
    try folder.write("10.0.0.5", "a\r\neth0")
    #expect(try folder.release(owner("a"), known: ["10.0.0.5", "10.0.0.5"]) == ["10.0.0.5"])
    #expect(try folder.leasedAddresses == ["10.0.0.6"])
  }

  @Test("releases all leases of an attachment, also those that the caller does not know of")
  func partlyKnown() throws {
    let dual = try plan([pool("10.0.0.0/24")], [pool("fd00::/64")])
    try folder.allocate(owner("a"), dual)
    #expect(Set(try folder.release(owner("a"), known: ["fd00::2"])) == ["10.0.0.2", "fd00::2"])
    try folder.allocate(owner("a"), dual)
    #expect(Set(try folder.release(owner("a"), known: ["fd00::9", "10.0.0.9"])) == ["10.0.0.3", "fd00::3"])
  }

  @Test("collects every lease but those of the attachments that are listed")
  func collection() throws {
    for id in ["a", "b", "c"] { try folder.allocate(owner(id), network) }
    try folder.allocate(owner("b", "eth1"), network)
    try folder.write("10.0.0.20", "a")
    try folder.write("10.0.0.21", "d")
    try folder.write("10.0.0.22", "with blanks and : and /")
    var store = try folder.store()
    let released = try store.collect(keeping: [owner("a"), owner("b", "eth1"), owner("x")]).released
    #expect(Set(released.map(\.address.description)) == ["10.0.0.3", "10.0.0.4", "10.0.0.21", "10.0.0.22"])
    _ = consume store
    #expect(try folder.leasedAddresses == ["10.0.0.2", "10.0.0.20", "10.0.0.5"])
    #expect(try folder.isIndexBelieved)
    #expect(try folder.release(owner("b", "eth1")) == ["10.0.0.5"])
  }

  @Test("does nothing where there is no folder")
  func missingFolder() throws {
    #expect(try LeaseStore(existing: folder.path) == nil)
    #expect(try !LeaseStore.isLeased(address("10.0.0.2"), to: owner("a"), in: folder.path))
    #expect(!FileSystem.isFolder(folder.path))
  }

  @Test("works where no file can be had without a name", .networkNamespace)
  func withoutUnnamedFiles() throws {
    // ramfs has no O_TMPFILE.
    try Command.run("mkdir \(folder.path)")
    try Command.run("mount -t ramfs none \(folder.path)")
    defer { _ = try? Command.run("umount \(folder.path)") }
    #expect(try folder.allocate(owner("a"), network) == ["10.0.0.2"])
    #expect(throws: AllocationError.self) { try folder.allocate(owner("a"), network) }
    #expect(try folder.indexNames == ["@a:eth0"])
    try folder.write(".index/new", "a\r\neth0")
    #expect(try folder.release(owner("a")) == ["10.0.0.2"])
    #expect(try folder.indexNames == [])
  }
}

extension LeaseFolder {
  /// Whether a store that is opened now would trust the index.
  var isIndexBelieved: Bool {
    get throws {
      let folder = try Folder(path)
      guard let index = try folder.status(of: ".index") else { return false }
      return try folder.status().contentChange == index.contentChange
    }
  }
}
