public import Addresses
import Linux

extension LeaseStore {
  /// Leases one address out of each set of the plan to an attachment, all of them or none.
  ///
  /// Each set hands out the first of the `requested` addresses that it contains, or else the next free one. Throws `AllocationError`, and
  /// `SystemError` if the folder cannot be read or written.
  public mutating func allocate(
    for owner: LeaseOwner, from plan: AddressPlan, requesting requested: [IPAddress] = []
  ) throws -> [AllocatedAddress] {
    let requests = try LeaseStore.assign(requested, to: plan)
    try settle()
    let exact = try addresses(of: owner)
    let own = try exact + addresses(of: owner.withoutInterface)
    var placed: [Placement] = []
    do {
      for (number, set) in plan.sets.enumerated() {
        for address in own where set.pool(containing: address) != nil && requests[number] != address {
          throw AllocationError.duplicate(set: number, address, containerID: owner.containerID)
        }
        placed.append(
          try lease(Claim(owner: owner, set: set, number: number, requested: requests[number], leaseCount: exact.count + placed.count)))
      }
    } catch {
      takeBack(placed)
      throw error
    }
    seal()
    return placed.map { AllocatedAddress($0.address, from: $0.pool) }
  }

  /// The set's next address: what `allocate` would hand out; nil if there is none.
  mutating func nextFree(_ set: RangeSet, _ number: Int) throws(SystemError) -> (address: IPAddress, pool: AddressPool)? {
    var candidates = Candidates(of: set, after: try lastReserved(number))
    var attempts = 0
    while let candidate = candidates.next() {
      // After some misses one listing is cheaper than looking for each name. It also ends the search in a range of any size: at most one
      // candidate more is tried than there are names.
      attempts += 1
      if attempts > 8 && taken == nil { taken = Set(try folder.entries().compactMap { LeaseStore.address(named: $0.name) }) }
      if try !isTaken(candidate.address) { return candidate }
    }
    return nil
  }

  private mutating func lease(_ claim: Claim) throws -> Placement {
    let (set, number) = (claim.set, claim.number)
    if let requested = claim.requested, let pool = set.pool(containing: requested) {
      if set.isGateway(requested) { throw AllocationError.gateway(set: number, requested) }
      if try !isTaken(requested), let placement = try place(requested, pool, claim) { return placement }
      throw AllocationError.taken(set: number, requested, set)
    }
    while let (address, pool) = try nextFree(set, number) {
      if let placement = try place(address, pool, claim) { return placement }
      // Somebody who does not take the lock was quicker.
      taken = nil
    }
    throw AllocationError.exhausted(set: number, set)
  }

  /// Writes a lease; nil if the address has a file already.
  ///
  /// The file gets its name in the index first: wherever we are killed, no lease of ours lacks one, and the next call sees a broken seal.
  private mutating func place(_ address: IPAddress, _ pool: AddressPool, _ claim: Claim) throws(SystemError) -> Placement? {
    let owner = claim.owner
    let entry = try addEntry(owner, after: claim.leaseCount)
    let placement = Placement(address: address, pool: pool, entry: entry)
    var isCreated = false
    do throws(SystemError) {
      if let entry {
        isCreated = try folder.addName(address.description, to: entry)
      } else {
        isCreated = try folder.create(address.description, content: owner.content, scratch: LeaseStore.scratch)
      }
      if isCreated { try folder.overwrite(LeaseStore.lastReservedName(claim.number), content: Array(address.description.utf8)) }
    } catch {
      if isCreated { takeBack([placement]) } else { dropEntry(placement) }
      throw error
    }
    guard isCreated else {
      dropEntry(placement)
      return nil
    }
    leases?.append(Lease(address: address, owner: owner))
    taken?.insert(address)
    return placement
  }

  /// Creates an address file under its name in the index alone; nil if the index has no room for the name.
  private func addEntry(_ owner: LeaseOwner, after count: Int) throws(SystemError) -> String? {
    guard isIndexed else { return nil }
    var number = count
    while let name = LeaseStore.entryName(owner, number) {
      if try folder.create(name, content: owner.content, scratch: LeaseStore.scratch) { return name }
      number += 1
    }
    return nil
  }

  /// Undoes what a failed allocation did. What led here is the failure to report; what cannot be removed is found by its content later.
  private mutating func takeBack(_ placements: [Placement]) {
    var isUndone = true
    for placement in placements.reversed() {
      do throws(SystemError) {
        if let entry = placement.entry { try folder.remove(entry) }
        try folder.remove(placement.address.description)
      } catch { isUndone = false }
    }
    forget(placements.map(\.address))
    if isUndone { seal() } else { isIndexComplete = false }
  }

  /// Removes the entry of a lease that did not come about.
  private mutating func dropEntry(_ placement: Placement) {
    guard let entry = placement.entry else { return }
    do throws(SystemError) { try folder.remove(entry) } catch { isIndexComplete = false }
  }

  /// The requests that each set fulfils.
  private static func assign(_ requested: [IPAddress], to plan: AddressPlan) throws(AllocationError) -> [IPAddress?] {
    var seen: Set<IPAddress> = []
    var left = requested.filter { seen.insert($0).inserted }
    var requests: [IPAddress?] = []
    for set in plan.sets {
      let position = left.firstIndex { set.pool(containing: $0) != nil }
      requests.append(position.map { left.remove(at: $0) })
    }
    guard left.isEmpty else { throw .unusedRequests(left) }
    return requests
  }

  private func isTaken(_ address: IPAddress) throws(SystemError) -> Bool {
    if let taken { return taken.contains(address) }
    return try folder.status(of: address.description) != nil
  }

  /// The address that a set handed out last; nil if it never did or the file says no address.
  private func lastReserved(_ number: Int) throws(SystemError) -> IPAddress? {
    try folder.content(of: LeaseStore.lastReservedName(number)).flatMap { IPAddress(String(decoding: $0, as: UTF8.self)) }
  }

  static func lastReservedName(_ number: Int) -> String { "last_reserved_ip.\(number)" }
}

/// What one set owes to an attachment.
private struct Claim {
  let owner: LeaseOwner
  let set: RangeSet
  /// The set's place in the plan.
  let number: Int
  let requested: IPAddress?
  /// How many leases the owner has already.
  let leaseCount: Int
}

/// A lease that was just written.
private struct Placement {
  let address: IPAddress
  let pool: AddressPool
  /// Its name in the index, if it has one.
  let entry: String?
}
