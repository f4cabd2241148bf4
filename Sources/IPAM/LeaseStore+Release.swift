public import Addresses
public import Linux

extension LeaseStore {
  /// Releases every lease of an attachment, and says which addresses that were. Unknown attachments have none.
  ///
  /// `known` may name the addresses that the attachment is known to have, all of them. Then nothing else is looked at where the index does
  /// not know better, if the leases are as told.
  @discardableResult
  public mutating func release(_ owner: LeaseOwner, known: [IPAddress] = []) throws(SystemError) -> [IPAddress] {
    let known = Array(Set(known))
    if let entries = try indexed(owner), !entries.isEmpty, let found = try addresses(entries, of: owner, known: known) {
      try remove(found, entries, of: owner)
      return found
    }
    if !isIndexComplete, !known.isEmpty, try isOwner(owner, ofAll: known) {
      try remove(known, entries(of: owner), of: owner)
      return known
    }
    try settle()
    let exact = try addresses(of: owner)
    let holder = exact.isEmpty ? owner.withoutInterface : owner
    let all = exact.isEmpty ? try addresses(of: holder) : exact
    try remove(all, entries(of: holder), of: holder)
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
    // Reads once more: what is left is what the index must name.
    try readAll()
    return (released, failures)
  }

  /// The addresses that an attachment has, by its exact name.
  mutating func addresses(of owner: LeaseOwner) throws(SystemError) -> [IPAddress] {
    if let entries = try indexed(owner), let addresses = try addresses(entries, of: owner) { return addresses }
    if leases == nil { try readAll() }
    return (leases ?? []).filter { $0.owner == owner }.map(\.address).sorted()
  }

  /// Removes an owner's leases, the entries in the index first: a lease without an entry is still found by its content.
  private mutating func remove(_ addresses: [IPAddress], _ entries: [Entry], of owner: LeaseOwner) throws(SystemError) {
    if addresses.isEmpty && entries.isEmpty { return }
    for entry in entries.reversed() { try folder.remove(entry.name) }
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

extension LeaseStore {
  /// Releases an address if it is still as it was seen: leased to this owner, or to nobody that could be read.
  public mutating func release(_ address: IPAddress, heldBy owner: LeaseOwner?) throws(SystemError) {
    guard try self.owner(of: address) == owner else { return }
    if let owner, try addresses(of: owner) == [address] { return try remove([address], entries(of: owner), of: owner) }
    try folder.remove(address.description)
    forget([address])
  }
}
