import Addresses
public import Linux

/// The leases of one network: a folder with a file per address, locked as long as this value lives.
///
/// The folder is the one that the reference host-local keeps, and either may work on it at any time:
///
/// | name | content |
/// |---|---|
/// | `<address>` | `<containerID>\r\n<ifname>`: the lease itself, the only truth |
/// | `last_reserved_ip.<set>` | the address handed out last, after which the round robin goes on |
/// | `lock` | nothing; it is locked with flock(2) |
/// | `.index/@<containerID>:<ifname>[:<n>]` | a second name of an address file of that attachment |
/// | `.index/boot` | the kernel's boot ID at the last use |
///
/// The index is ours alone, and disturbs nobody: the reference reads the same content twice, and removes both names of a lease. What the
/// index says is checked against the address file before it is acted on. What it does not say is believed only while the seal is whole
/// (`isSealed`): otherwise every address file is read once, and the index is put right.
public struct LeaseStore: ~Copyable {
  let folder: Folder
  /// Whether an index can be trusted here: only where no other machine writes.
  let isIndexed: Bool
  /// Whether leases outlive the kernel; not in memory, and not where they may be another machine's.
  let outlivesKernel: Bool
  /// Whether the index names every lease.
  var isIndexComplete: Bool
  /// All leases, once the folder was read.
  var leases: [Lease]?
  /// All addresses that have a file, once the folder was listed.
  var taken: Set<IPAddress>?
  let policy: RebootPolicy
  /// The running kernel's boot ID if it is known already.
  let boot: BootIdentifier?
  private let lock: FileLock

  /// Opens and locks the folder; makes it, and those above it, where they are missing. `boot` is the running kernel's unless given.
  public init(creating path: String, afterReboot policy: RebootPolicy = .reclaim, boot: BootIdentifier? = nil) throws(SystemError) {
    if let folder = try Folder(ifPresent: path) {
      try self.init(folder, policy, boot)
    } else {
      try FileSystem.createFolders(path)
      try self.init(Folder(path), policy, boot)
    }
  }

  /// Opens and locks the folder; nil if it does not exist, and so holds no lease.
  public init?(existing path: String, afterReboot policy: RebootPolicy = .reclaim, boot: BootIdentifier? = nil) throws(SystemError) {
    guard let folder = try Folder(ifPresent: path) else { return nil }
    try self.init(folder, policy, boot)
  }

  private init(_ folder: consuming Folder, _ policy: RebootPolicy, _ boot: BootIdentifier?) throws(SystemError) {
    let lock = try FileLock("lock", in: folder)
    let storage = try folder.fileSystemType()
    let isIndexComplete = storage.isLocal ? try LeaseStore.isSealed(folder) : false
    self.isIndexed = storage.isLocal
    self.outlivesKernel = storage.isLocal && !storage.isVolatile
    self.isIndexComplete = isIndexComplete
    self.policy = policy
    self.boot = boot
    self.lock = lock
    self.folder = folder
  }

  /// Reclaims what was leased before a reboot, and makes sure that all leases are known, by the index or by reading them.
  mutating func settle() throws(SystemError) {
    let isRebooted = try noteBoot()
    if !isIndexComplete && leases == nil {
      try readAll()
    } else if isRebooted {
      seal()
    }
  }

  /// The owner that an address file names; nil if there is no such file or it names nobody.
  func owner(of address: IPAddress) throws(SystemError) -> LeaseOwner? {
    try LeaseStore.owner(of: address, in: folder)
  }

  /// The same in a folder that may not be locked.
  static func owner(of address: IPAddress, in folder: borrowing Folder) throws(SystemError) -> LeaseOwner? {
    let content: [UInt8]?
    do { content = try folder.content(of: address.description) } catch {
      // Something that is no file, or far too long for one of ours, has no owner that we could name.
      guard isForeign(error) else { throw error }
      content = nil
    }
    return content.flatMap { LeaseOwner(content: $0) }
  }

  /// Whether reading failed because the name does not lead to an address file.
  static func isForeign(_ error: SystemError) -> Bool { [.isDirectory, .tooManyLinks, .fileTooBig].contains(error.code) }

  /// The address that a file name stands for; nil for every other file.
  static func address(named name: String) -> IPAddress? {
    guard let address = IPAddress(name), address.description == name else { return nil }
    return address
  }
}
