import Addresses
import Glibc
import Linux

extension LeaseStore {
  static let indexFolder = ".index"
  static let bootRecord = ".index/boot"
  /// Where a new file's content is written on file systems without unnamed files.
  static let scratch = ".index/new"

  /// The names of an owner's links in the index.
  func entries(of owner: LeaseOwner) throws(SystemError) -> [String] {
    var entries: [String] = []
    while let name = LeaseStore.entryName(owner, entries.count), try folder.linkTarget(of: name) != nil { entries.append(name) }
    return entries
  }

  /// The owner's addresses by the index; nil if they cannot be had from it, because it is incomplete, has no room for the name, or is wrong.
  func indexedAddresses(of owner: LeaseOwner) throws(SystemError) -> [IPAddress]? {
    guard isIndexComplete, LeaseStore.entryName(owner, 0) != nil else { return nil }
    var addresses: [IPAddress] = []
    while let name = LeaseStore.entryName(owner, addresses.count), let target = try folder.linkTarget(of: name) {
      guard let address = LeaseStore.address(named: target), try self.owner(of: address) == owner else { return nil }
      addresses.append(address)
    }
    return addresses
  }

  /// Notes in the index that the owner has the address; nil if the index has no room for the name.
  func addEntry(_ owner: LeaseOwner, _ address: IPAddress) throws(SystemError) -> String? {
    guard isIndexed else { return nil }
    var number = 0
    while let name = LeaseStore.entryName(owner, number) {
      if try folder.createLink(name, to: address.description) { return name }
      number += 1
    }
    return nil
  }

  /// Makes the index say exactly what the leases say.
  mutating func rebuildIndex(_ leases: [Lease]) throws(SystemError) {
    try folder.createFolder(LeaseStore.indexFolder)
    var missing: [String: String] = [:]
    var numbers: [LeaseOwner: Int] = [:]
    for lease in leases.sorted(by: { $0.address < $1.address }) {
      let number = numbers[lease.owner, default: 0]
      numbers[lease.owner] = number + 1
      if let name = LeaseStore.entryName(lease.owner, number) { missing[name] = lease.address.description }
    }
    for file in try folder.names(in: LeaseStore.indexFolder) ?? [] {
      let name = "\(LeaseStore.indexFolder)/\(file)"
      if name == LeaseStore.bootRecord { continue }
      if let address = missing[name], try folder.linkTarget(of: name) == address {
        missing[name] = nil
      } else {
        try folder.remove(name)
      }
    }
    for (name, address) in missing { _ = try folder.createLink(name, to: address) }
    isIndexComplete = true
    seal()
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

  /// The path of an owner's link in the index; nil if the owner's name does not fit a file name.
  ///
  /// Neither container IDs nor interface names have a colon (CNI specification, section 2), so the parts cannot be confused.
  static func entryName(_ owner: LeaseOwner, _ number: Int) -> String? {
    let ifname = owner.ifname ?? ""
    let name = number == 0 ? "\(owner.containerID):\(ifname)" : "\(owner.containerID):\(ifname):\(number)"
    let colons = name.utf8.count { $0 == UInt8(ascii: ":") }
    let isFileName = name.utf8.count <= Int(NAME_MAX) && !name.utf8.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
    return isFileName && colons == (number == 0 ? 1 : 2) ? "\(indexFolder)/\(name)" : nil
  }

  /// The owner that a file name in the index stands for.
  static func owner(entryName: String) -> LeaseOwner? {
    let parts = entryName.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count) else { return nil }
    return LeaseOwner(containerID: String(parts[0]), ifname: parts[1].isEmpty ? nil : String(parts[1]))
  }

  /// 1…999 999 999, from the inode numbers by the finalizer of SplitMix64.
  private static func sealNanoseconds(_ folder: FileStatus, _ index: FileStatus) -> Int {
    var mixed = folder.identity.inode &* 0x9E37_79B9_7F4A_7C15 &+ index.identity.inode
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ mixed >> 31) % 999_999_999) + 1
  }
}
