public import Addresses
public import Linux

extension LeaseStore {
  /// Whether an attachment has a lease on an address. Takes no lock, and changes nothing.
  public static func isLeased(_ address: IPAddress, to owner: LeaseOwner, in path: String) throws(SystemError) -> Bool {
    guard let folder = try Folder(ifPresent: path) else { return false }
    let found = try self.owner(of: address, in: folder)
    return found == owner || found == owner.withoutInterface
  }

  /// Whether an attachment has any lease.
  public mutating func hasLease(_ owner: LeaseOwner) throws(SystemError) -> Bool {
    try settle()
    if try !addresses(of: owner).isEmpty { return true }
    return try !addresses(of: owner.withoutInterface).isEmpty
  }

  /// The leases in a folder, in the order of the addresses; an address whose file names nobody has no owner. Takes no lock, and changes nothing: for
  /// looking at what either plugin keeps.
  public static func leases(in path: String) throws(SystemError) -> [(address: IPAddress, owner: LeaseOwner?)] {
    guard let folder = try Folder(ifPresent: path) else { return [] }
    var leases: [(address: IPAddress, owner: LeaseOwner?)] = []
    for entry in try folder.entries() {
      guard let address = address(named: entry.name) else { continue }
      leases.append((address, try owner(of: address, in: folder)))
    }
    return leases.sorted { $0.address < $1.address }
  }

  /// Every lease, in the order of the addresses.
  public mutating func allLeases() throws(SystemError) -> [Lease] {
    try settle()
    if leases == nil { try readAll() }
    return (leases ?? []).sorted { $0.address < $1.address }
  }

  /// The first set of the plan that has no address left, by its number; nil if every set has one.
  public mutating func exhaustedSet(of plan: AddressPlan) throws(SystemError) -> Int? {
    try settle()
    for (number, set) in plan.sets.enumerated() where try nextFree(set, number) == nil { return number }
    return nil
  }

  /// Checks that leases can be written in a folder, or that it can be made; leaves nothing behind.
  public static func checkWritable(_ path: String) throws(SystemError) {
    if let folder = try Folder(ifPresent: path) { return try folder.checkWritable() }
    guard let slash = path.lastIndex(of: "/") else { return try checkWritable(".") }
    try checkWritable(slash == path.startIndex ? "/" : String(path[..<slash]))
  }
}

extension LeaseStore {
  /// Who has a lease on an address; nil if nobody has. Takes no lock, and changes nothing.
  public static func holder(of address: IPAddress, in path: String) throws(SystemError) -> LeaseOwner? {
    guard let folder = try Folder(ifPresent: path) else { return nil }
    return try owner(of: address, in: folder)
  }
}
