public import Addresses
public import Linux

extension LeaseStore {
  /// Releases every lease of an attachment, and says which addresses that were. Unknown attachments have none.
  ///
  /// `known` may name the addresses that the attachment is known to have, all of them. Then nothing else is looked at where the index does
  /// not know better, if the leases are as told.
  @discardableResult
  public mutating func release(_ owner: LeaseOwner, known: [IPAddress] = []) throws(SystemError) -> [IPAddress] {
    if let addresses = try indexedAddresses(of: owner), !addresses.isEmpty {
      try remove(addresses, of: owner)
      return addresses
    }
    if !isIndexComplete, !known.isEmpty, try isOwner(owner, ofAll: known) {
      try remove(known, of: owner)
      return known
    }
    try settle()
    let exact = try addresses(of: owner)
    let holder = exact.isEmpty ? owner.withoutInterface : owner
    let all = exact.isEmpty ? try addresses(of: holder) : exact
    try remove(all, of: holder)
    return all
  }

  /// Releases every lease of the network whose attachment is not listed; goes on after a failure, and tells all failures.
  public mutating func collect(keeping owners: Set<LeaseOwner>) throws(SystemError) -> (released: [Lease], failures: [SystemError]) {
    try settle()
    if leases == nil { try readAll() }
    let containers = Set(owners.map(\.containerID))
    var released: [Lease] = []
    var failures: [SystemError] = []
    for lease in leases ?? [] {
      let isKept = lease.owner.ifname == nil ? containers.contains(lease.owner.containerID) : owners.contains(lease.owner)
      if isKept { continue }
      do throws(SystemError) {
        try folder.remove(lease.address.description)
        released.append(lease)
      } catch { failures.append(error) }
    }
    if released.isEmpty { return ([], failures) }
    forget(released.map(\.address))
    if isIndexed { try rebuildIndex(leases ?? []) }
    return (released, failures)
  }

  /// The addresses that an attachment has, by its exact name.
  mutating func addresses(of owner: LeaseOwner) throws(SystemError) -> [IPAddress] {
    if let addresses = try indexedAddresses(of: owner) { return addresses }
    if leases == nil { try readAll() }
    return (leases ?? []).filter { $0.owner == owner }.map(\.address).sorted()
  }

  /// Removes an owner's leases, the entries in the index first: a lease without an entry is still found by its content, but an entry
  /// without a lease could be taken for one that somebody else makes later.
  private mutating func remove(_ addresses: [IPAddress], of owner: LeaseOwner) throws(SystemError) {
    guard !addresses.isEmpty else { return }
    for entry in try entries(of: owner).reversed() { try folder.remove(entry) }
    for address in addresses { try folder.remove(address.description) }
    forget(addresses)
    seal()
  }

  /// Drops addresses from what was read.
  mutating func forget(_ addresses: [IPAddress]) {
    let gone = Set(addresses)
    leases?.removeAll { gone.contains($0.address) }
    taken?.subtract(gone)
  }

  private func isOwner(_ owner: LeaseOwner, ofAll addresses: [IPAddress]) throws(SystemError) -> Bool {
    for address in addresses where try self.owner(of: address) != owner { return false }
    return true
  }
}
