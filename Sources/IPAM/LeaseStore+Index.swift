import Addresses
import Glibc
import Linux

extension LeaseStore {
  static let indexFolder = ".index"
  static let bootRecord = ".index/boot"
  /// Where a new file's content is written on file systems without unnamed files.
  static let scratch = ".index/new"

  /// A second name of an address file, in the index.
  struct Entry {
    /// The path below the store's folder.
    let name: String
    /// The file it names.
    let file: FileIdentity
  }

  /// What the index says of an owner; nil if that is not to be relied on, because it is incomplete or has no room for the owner's name.
  func indexed(_ owner: LeaseOwner) throws(SystemError) -> [Entry]? {
    guard isIndexComplete, LeaseStore.entryName(owner, 0) != nil else { return nil }
    return try entries(of: owner)
  }

  /// The names in the index that an owner has.
  func entries(of owner: LeaseOwner) throws(SystemError) -> [Entry] {
    var entries: [Entry] = []
    while let name = LeaseStore.entryName(owner, entries.count), let status = try folder.status(of: name) {
      entries.append(Entry(name: name, file: status.identity))
    }
    return entries
  }

  /// The addresses whose files an owner's entries name; nil if one of them does not name an address file, or not one of that owner.
  ///
  /// Looks at `known` first; only if those are others is the folder listed.
  func addresses(_ entries: [Entry], of owner: LeaseOwner, known: [IPAddress] = []) throws(SystemError) -> [IPAddress]? {
    if entries.isEmpty { return [] }
    let files = Set(entries.map(\.file))
    var found = try named(files, among: known)
    if found.count != files.count {
      let inodes = Set(files.map(\.inode))
      let names = try folder.entries().filter { inodes.contains($0.inode) }
      found = try named(files, among: names.compactMap { LeaseStore.address(named: $0.name) })
    }
    guard found.count == files.count else { return nil }
    for address in found where try self.owner(of: address) != owner { return nil }
    return found
  }

  /// Makes the index name exactly the leases. `files` are the address files' inode numbers as the folder lists them.
  mutating func rebuildIndex(_ leases: [Lease], _ files: [IPAddress: UInt64]) throws(SystemError) {
    try folder.createFolder(LeaseStore.indexFolder)
    var missing: [String: IPAddress] = [:]
    var numbers: [LeaseOwner: Int] = [:]
    for lease in leases.sorted(by: { $0.address < $1.address }) {
      let number = numbers[lease.owner, default: 0]
      numbers[lease.owner] = number + 1
      if let name = LeaseStore.entryName(lease.owner, number) { missing[name] = lease.address }
    }
    for entry in try folder.entries(in: LeaseStore.indexFolder) {
      let name = "\(LeaseStore.indexFolder)/\(entry.name)"
      if name == LeaseStore.bootRecord { continue }
      if let address = missing[name], files[address] == entry.inode {
        missing[name] = nil
      } else {
        try folder.remove(name)
      }
    }
    do throws(SystemError) {
      for (name, address) in missing { _ = try folder.addName(name, to: address.description) }
      isIndexComplete = true
      seal()
    } catch {
      // Files of another user may not get a second name (sysctl fs.protected_hardlinks): then every call reads them.
      guard error.code == .notPermitted else { throw error }
    }
  }

  /// Whether nobody has added or removed a file, here or in the index, since `seal` was called.
  ///
  /// The kernel changes a folder's modification time whenever a name is added or removed, so a time that only we set proves that nothing
  /// happened. Its nanoseconds are derived from the inode numbers of both folders: no clock ticks that way, and no copy has them.
  static func isSealed(_ folder: borrowing Folder) throws(SystemError) -> Bool {
    guard let index = try folder.status(of: indexFolder) else { return false }
    let status = try folder.status()
    return status.contentChange == index.contentChange && status.contentChange.nanoseconds == sealNanoseconds(status, index)
  }

  /// Vouches for the index: whoever opens the store next may believe what it does not say. Must be the last change under the lock.
  func seal() {
    guard isIndexComplete else { return }
    do throws(SystemError) {
      guard let index = try folder.status(of: LeaseStore.indexFolder) else { return }
      let seal = try FileStatus.Time(seconds: time(nil), nanoseconds: LeaseStore.sealNanoseconds(folder.status(), index))
      try folder.setTimes(of: LeaseStore.indexFolder, to: seal)
      try folder.setTimes(of: ".", to: seal)
    } catch {
      // Without the seal the next call reads every file; the leases are as right as with it.
    }
  }

  /// The path of an owner's name in the index; nil if it does not fit a file name.
  ///
  /// Neither container IDs nor interface names have a colon (CNI specification, section 2), so the parts cannot be confused; and the
  /// reference does not take a name that begins with @ for an address.
  static func entryName(_ owner: LeaseOwner, _ number: Int) -> String? {
    let ifname = owner.ifname ?? ""
    let name = number == 0 ? "@\(owner.containerID):\(ifname)" : "@\(owner.containerID):\(ifname):\(number)"
    let colons = name.utf8.count { $0 == UInt8(ascii: ":") }
    let isFileName = name.utf8.count <= Int(NAME_MAX) && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
    return isFileName && colons == (number == 0 ? 1 : 2) ? "\(indexFolder)/\(name)" : nil
  }

  /// Those of the addresses whose files are among the given ones.
  private func named(_ files: Set<FileIdentity>, among addresses: [IPAddress]) throws(SystemError) -> [IPAddress] {
    var found: [IPAddress] = []
    for address in addresses {
      if let status = try folder.status(of: address.description), files.contains(status.identity) { found.append(address) }
    }
    return found
  }

  /// 1…999 999 999, from the inode numbers by the finalizer of SplitMix64.
  private static func sealNanoseconds(_ folder: FileStatus, _ index: FileStatus) -> Int {
    var mixed = folder.identity.inode &* 0x9E37_79B9_7F4A_7C15 &+ index.identity.inode
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ mixed >> 31) % 999_999_999) + 1
  }
}
