public import Addresses
public import Linux

extension LeaseStore {
  /// Releases one address, whoever has it; answers whether it was leased.
  public mutating func release(_ address: IPAddress) throws(SystemError) -> Bool {
    try settle()
    let wasLeased = try folder.remove(address.description)
    // Reads all again: what is left is what the index must name.
    if wasLeased { try readAll() }
    return wasLeased
  }

  /// Leases one address to an owner of the caller's choice, without moving the place where the search for free ones goes on; answers whether it was
  /// free.
  public mutating func reserve(_ address: IPAddress, for owner: LeaseOwner) throws(SystemError) -> Bool {
    try settle()
    let wasFree = try folder.create(address.description, content: owner.content, scratch: LeaseStore.scratch)
    if wasFree { try readAll() }
    return wasFree
  }

  /// The addresses that a set hands out next, if nobody asks for another one. Takes no lock, and changes nothing.
  public static func upcoming(_ set: RangeSet, number: Int, count: Int, in path: String) throws(SystemError) -> [IPAddress] {
    var last: IPAddress?, taken: Set<IPAddress> = []
    if let folder = try Folder(ifPresent: path) {
      last = try folder.content(of: lastReservedName(number)).flatMap { IPAddress(String(decoding: $0, as: UTF8.self)) }
      taken = Set(try folder.entries().compactMap { address(named: $0.name) })
    }
    var candidates = Candidates(of: set, after: last), found: [IPAddress] = []
    // At most one candidate more is tried than there are names.
    while found.count < count, let candidate = candidates.next() {
      if !taken.contains(candidate.address) { found.append(candidate.address) }
    }
    return found
  }
}
