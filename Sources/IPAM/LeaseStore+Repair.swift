import Addresses
import Linux

extension LeaseStore {
  /// Reads every address file, removes those that name nobody, and puts the index right.
  ///
  /// A file that names nobody was created by a host-local that died before it wrote the owner: nobody else writes while we hold the lock.
  mutating func readAll() throws(SystemError) {
    var leases: [Lease] = []
    var taken: Set<IPAddress> = []
    for name in try folder.names() {
      guard let address = LeaseStore.address(named: name) else { continue }
      do throws(SystemError) {
        guard let content = try folder.content(of: name) else { continue }
        if let owner = LeaseOwner(content: content) {
          leases.append(Lease(address: address, owner: owner))
          taken.insert(address)
        } else {
          try folder.remove(name)
        }
      } catch {
        guard LeaseStore.isForeign(error) else { throw error }
        taken.insert(address)
      }
    }
    if isIndexed {
      try rebuildIndex(leases)
    } else {
      try folder.createFolder(LeaseStore.indexFolder)
      try folder.remove(LeaseStore.scratch)
    }
    self.leases = leases
    self.taken = taken
  }

  /// Compares the boot ID with the one of the last use, and reclaims what was leased before a reboot. Says whether there was one, or no last use.
  mutating func noteBoot() throws(SystemError) -> Bool {
    guard let boot else { return false }
    let record = try folder.linkTarget(of: LeaseStore.bootRecord)
    if record == boot.text { return false }
    // A folder without a record was never ours. Its leases may be alive: they count as made in this boot.
    if record != nil && policy == .reclaim {
      try reclaim()
      isIndexComplete = false
    }
    try folder.createFolder(LeaseStore.indexFolder)
    try folder.remove(LeaseStore.bootRecord)
    _ = try folder.createLink(LeaseStore.bootRecord, to: boot.text)
    return true
  }

  /// Removes the leases that are known to be from before the reboot.
  ///
  /// With a whole seal that is all of them: nothing was added since our last use, and no use adds anything before it has noticed the
  /// reboot. Otherwise the reference may have leased addresses since the reboot, so only those go that the index knew before. Clocks
  /// prove nothing: a machine may start in 1970.
  private func reclaim() throws(SystemError) {
    if isIndexComplete {
      for name in try folder.names() where LeaseStore.address(named: name) != nil { try removeUnlessFolder(name) }
      return
    }
    for file in try folder.names(in: LeaseStore.indexFolder) ?? [] {
      let entry = "\(LeaseStore.indexFolder)/\(file)"
      guard let owner = LeaseStore.owner(entryName: file), let target = try folder.linkTarget(of: entry),
        let address = LeaseStore.address(named: target), try isOlder(target, than: entry), try self.owner(of: address) == owner
      else { continue }
      try folder.remove(target)
    }
  }

  /// Whether an address file is no younger than its entry in the index, which is made right before it: if it is, somebody else leased the
  /// address to the same attachment again.
  private func isOlder(_ name: String, than entry: String) throws(SystemError) -> Bool {
    guard let lease = try folder.status(of: name), let entry = try folder.status(of: entry) else { return false }
    return lease.inodeChange.seconds <= entry.inodeChange.seconds + 2
  }

  private func removeUnlessFolder(_ name: String) throws(SystemError) {
    do { try folder.remove(name) } catch { if error.code != .isDirectory { throw error } }
  }
}
