import Addresses
import Linux

extension LeaseStore {
  /// Reads every address file, removes those that name nobody, and puts the index right.
  ///
  /// A file that names nobody was created by a host-local that died before it wrote the owner: nobody else writes while we hold the lock.
  mutating func readAll() throws(SystemError) {
    var leases: [Lease] = []
    var files: [IPAddress: UInt64] = [:]
    for entry in try folder.entries() {
      guard let address = LeaseStore.address(named: entry.name) else { continue }
      do throws(SystemError) {
        guard let content = try folder.content(of: entry.name) else { continue }
        if let owner = LeaseOwner(content: content) {
          leases.append(Lease(address: address, owner: owner))
          files[address] = entry.inode
        } else {
          try folder.remove(entry.name)
        }
      } catch {
        guard LeaseStore.isForeign(error) else { throw error }
        files[address] = entry.inode
      }
    }
    if isIndexed {
      try rebuildIndex(leases, files)
    } else {
      try folder.createFolder(LeaseStore.indexFolder)
      try folder.remove(LeaseStore.scratch)
    }
    self.leases = leases
    taken = Set(files.keys)
  }

  /// Compares the boot ID with the one of the last use, and reclaims what was leased before a reboot. Says whether the IDs differed.
  mutating func noteBoot() throws(SystemError) -> Bool {
    guard outlivesKernel else { return false }
    let boot: BootIdentifier
    if let given = self.boot { boot = given } else { boot = try BootIdentifier.current() }
    let record = try folder.content(of: LeaseStore.bootRecord)
    if record == Array(boot.text.utf8) { return false }
    // A folder without a record was never ours. Its leases may be alive: they count as made in this boot.
    if record != nil && policy == .reclaim {
      try reclaim()
      isIndexComplete = false
    }
    try folder.createFolder(LeaseStore.indexFolder)
    try folder.remove(LeaseStore.bootRecord)
    _ = try folder.create(LeaseStore.bootRecord, content: Array(boot.text.utf8), scratch: LeaseStore.scratch)
    return true
  }

  /// Removes the leases that are known to be from before the reboot.
  ///
  /// With a whole seal that is all of them: nothing was added since our last use, and no use adds anything before it has noticed the
  /// reboot. Otherwise the reference may have leased addresses since the reboot, so only those files go that the index named before; a
  /// file leased anew is another file. Clocks prove nothing: a machine may start in 1970.
  private func reclaim() throws(SystemError) {
    let leases = try folder.entries().filter { LeaseStore.address(named: $0.name) != nil }
    if isIndexComplete {
      for lease in leases { try removeUnlessFolder(lease.name) }
      return
    }
    var names: [UInt64: String] = [:]
    for entry in try folder.entries(in: LeaseStore.indexFolder) { names[entry.inode] = "\(LeaseStore.indexFolder)/\(entry.name)" }
    for lease in leases {
      guard let entry = names[lease.inode], let known = try folder.status(of: entry), let found = try folder.status(of: lease.name),
        known.identity == found.identity
      else { continue }
      try folder.remove(lease.name)
    }
  }

  private func removeUnlessFolder(_ name: String) throws(SystemError) {
    do { try folder.remove(name) } catch { if error.code != .isDirectory { throw error } }
  }
}
