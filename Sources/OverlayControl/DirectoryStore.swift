import Addresses
import CNI
import Glibc
import JSON
import Linux
public import Overlay

/// Leases as files in a folder that all hosts share: on one machine, by a network file system, or kept the same by any program.
///
/// `config.json` is what all agree on, in flannel's words. Each lease is a file named for its network, `10.244.3.0-24.json`, which is only ever
/// replaced as a whole. The time at which a lease ends stands in it, so the hosts' clocks must agree to much less than the leases' lifetime.
public struct DirectoryStore: LeaseStore {
  /// The folder's path.
  public let path: String
  let lifetime: LeaseLifetime
  private let scratch: String

  /// A store in a folder, which is made when it is missing. `writer` tells hosts apart in names of files that are being written.
  public init(_ path: String, lifetime: LeaseLifetime, writer: String) {
    self.path = path
    self.lifetime = lifetime
    scratch = ".\(writer.prefix(16)).\(ThisProcess.id)"
  }

  /// `directory:/srv/overlay`
  public var description: String { "directory:\(path)" }

  /// Reads `config.json`.
  public func configuration() async throws(StoreError) -> OverlayNetworkConfiguration {
    let file = "\(path)/config.json"
    let text: [UInt8]?
    do { text = try FileSystem.readIfPresent(file, limit: 1 << 20) } catch { throw StoreError(error) }
    guard let text else { throw .refused("\(file) does not exist: it must hold the overlay's network, {\"Network\": \"10.244.0.0/16\"}") }
    do { return try OverlayNetworkConfiguration(parsing: text) } catch { throw .refused("\(file): \(error.message)") }
  }

  /// Reads all leases.
  public func contents() async throws(StoreError) -> StoreContents { try scan().contents(lifetime) }

  /// Writes a lease. Hosts on one file system take turns by a lock; others find out from each other's files.
  public func claim(_ lease: Lease, replacing expected: Lease?) async throws(StoreError) {
    do { try FileSystem.createFolders(path) } catch { throw StoreError(error) }
    for _ in 0..<500 {
      if try tryClaim(lease, replacing: expected) { return }
      // Somebody else is writing, which takes a millisecond.
      try? await Task.sleep(for: .milliseconds(.random(in: 2...20)))
    }
    throw .lostContact("\(path)/.lock has been held by somebody else for 5 s")
  }

  /// Lets a lease end now.
  public func release(_ lease: Lease) async throws(StoreError) {
    guard let text = try read(DirectoryStore.name(of: lease.key)), var record = try? Lease(parsing: text), record.isHeld(bySameAs: lease)
    else {
      return
    }
    record.expiry = WallClock.seconds
    try replace(record)
  }

  /// Watches the folder by inotify, and looks every two seconds for what that does not tell of: changes made elsewhere.
  public func events() -> AsyncStream<StoreEvent> {
    AsyncStream { continuation in
      let end = WakeUp()
      continuation.onTermination = { _ in end.signal() }
      let watcher = DirectoryWatcher(self, end) { continuation.yield($0) }
      BackgroundThread.start { watcher.run() }
    }
  }

  /// Answers false if somebody else holds the lock.
  private func tryClaim(_ lease: Lease, replacing expected: Lease?) throws(StoreError) -> Bool {
    switch try lock() {
    case .busy: return false
    case .held(let lock):
      let result = Result { () throws(StoreError) in try write(lease, replacing: expected) }
      lock.unlock()
      try result.get()
    case .none: try write(lease, replacing: expected)
    }
    return true
  }

  private enum Turn: ~Copyable {
    case held(FileLock)
    case busy
    case none
  }

  private func lock() throws(StoreError) -> Turn {
    do throws(SystemError) {
      if let lock = try FileLock(ifFree: "\(path)/.lock") { return .held(lock) }
      return .busy
    } catch {
      // Some network file systems know no locks.
      if [Errno.notSupported, .invalid].contains(error.code) || error.code.rawValue == ENOSYS || error.code.rawValue == ENOLCK {
        return .none
      }
      throw StoreError(error)
    }
  }

  private func write(_ lease: Lease, replacing expected: Lease?) throws(StoreError) {
    let name = DirectoryStore.name(of: lease.key)
    var record = lease
    record.expiry = WallClock.seconds + lifetime.seconds
    guard let text = try read(name) else {
      try checkOverlaps(lease)
      do {
        if try Folder(path).create(name, content: DirectoryStore.text(record), scratch: scratch) { return }
      } catch { throw StoreError(error) }
      throw try read(name).flatMap { try? Lease(parsing: $0) }.map { .taken(by: $0) } ?? .lostContact("\(path)/\(name) was just written")
    }
    do {
      let existing = try Lease(parsing: text)
      if let expected, existing.isHeld(bySameAs: expected) { return try replace(record) }
      let end = existing.expiry ?? .max, now = WallClock.seconds
      let isOwn = existing.holder != nil && existing.holder?.node == lease.holder?.node
      guard end <= now, isOwn || end + lifetime.quarantineSeconds <= now else { throw StoreError.taken(by: existing) }
    } catch let error as StoreError { throw error } catch {
      // Its own torn record a host may repair; what somebody else meant nobody knows.
      if expected == nil { throw .refused("\(path)/\(name) is torn: \(error)") }
    }
    try replace(record)
  }

  /// The file is named for the IPv4 network alone, so the IPv6 one may be another's.
  private func checkOverlaps(_ lease: Lease) throws(StoreError) {
    guard lease.subnet != nil, lease.ipv6Subnet != nil else { return }
    if let other = try scan().contents(lifetime).leases.first(where: { $0.key != lease.key && $0.overlaps(lease) }) {
      throw .taken(by: other)
    }
  }

  private func replace(_ record: Lease) throws(StoreError) {
    let temporary = "\(path)/\(scratch)"
    do throws(SystemError) {
      let file = try OwnedFile(temporary, flags: [.writeOnly, .create, .truncate])
      try file.write(DirectoryStore.text(record))
      // Without it a power failure can leave an empty file under the name.
      guard fsync(file.descriptor) == 0 else { throw SystemError(.last, "write \(temporary)") }
      try FileSystem.move(temporary, to: "\(path)/\(DirectoryStore.name(of: record.key))")
    } catch {
      _ = try? FileSystem.remove(temporary)
      throw StoreError(error)
    }
  }

  private func read(_ name: String) throws(StoreError) -> [UInt8]? {
    do { return try FileSystem.readIfPresent("\(path)/\(name)", limit: 1 << 20) } catch { throw StoreError(error) }
  }

  func scan(since last: DirectoryScan = DirectoryScan()) throws(StoreError) -> DirectoryScan {
    do { return try DirectoryScan(path, since: last) } catch { throw StoreError(error) }
  }

  func isCurrent(_ scan: DirectoryScan) throws(StoreError) -> Bool {
    do { return try scan.isCurrent(path) } catch { throw StoreError(error) }
  }

  private static func text(_ lease: Lease) -> [UInt8] { Array((JSONValue.object(lease.json).text + "\n").utf8) }

  /// `10.244.3.0-24.json`
  static func name(of key: LeaseKey) -> String {
    let subnet = key.subnet ?? key.ipv6Subnet
    return "\(subnet.map { "\($0.address)-\($0.prefixLength)" } ?? "").json"
  }
}

extension StoreError {
  /// A failed system call: what an administrator must change is `refused`.
  init(_ error: SystemError) {
    let refusals: [Errno] = [.noSpace, .accessDenied, .notPermitted, .readOnly, .notDirectory, Errno(rawValue: EDQUOT)]
    self = refusals.contains(error.code) ? .refused(error.description) : .lostContact(error.description)
  }
}
