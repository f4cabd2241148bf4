import Addresses
import Linux
import Overlay

/// The files of a directory store as they were at one moment.
struct DirectoryScan {
  /// One file: how to see that it has changed, and what it holds.
  private struct Record {
    let status: FileStatus
    let lease: Result<Lease, Fault>
  }

  private struct Fault: Error { let reason: String }

  private var records: [String: Record] = [:]

  /// Nothing.
  init() {}

  /// Reads a folder; files that are as `last` knew them are not read again. A file that cannot be read is a fault of its own.
  init(_ path: String, since last: DirectoryScan) throws(SystemError) {
    let folder = try Folder(path)
    for name in try folder.entries().map(\.name) where DirectoryScan.isRecord(name) {
      guard let status = try folder.status(of: name) else { continue }
      if let known = last.records[name], known.status == status {
        records[name] = known
      } else {
        records[name] = Record(status: status, lease: DirectoryScan.read(name, in: folder))
      }
    }
  }

  /// Whether a folder's files are still these, as they were: what most looks find, so it costs little more than the system calls.
  func isCurrent(_ path: String) throws(SystemError) -> Bool {
    let folder = try Folder(path)
    var count = 0
    for entry in try folder.entries() where DirectoryScan.isRecord(entry.name) {
      // A name that was removed meanwhile makes a difference, too.
      guard let record = records[entry.name], try folder.status(of: entry.name) == record.status else { return false }
      count += 1
    }
    return count == records.count
  }

  private static func isRecord(_ name: String) -> Bool { name.hasSuffix(".json") && name != "config.json" && !name.hasPrefix(".") }

  private static func read(_ name: String, in folder: borrowing Folder) -> Result<Lease, Fault> {
    do {
      guard let text = try folder.content(of: name) else { return .failure(Fault(reason: "it was just removed")) }
      let lease = try Lease(parsing: text)
      guard DirectoryStore.name(of: lease.key) == name else { return .failure(Fault(reason: "it holds the lease of \(lease.key)")) }
      return .success(lease)
    } catch { return .failure(Fault(reason: "\(error)")) }
  }

  /// The leases whose files were written since another scan, also if they say the same again: somebody else may have written in between.
  func rewritten(since last: DirectoryScan) -> Set<LeaseKey> {
    Set(records.filter { $0.value.status != last.records[$0.key]?.status }.compactMap { try? $0.value.lease.get().key })
  }

  /// What the files say now.
  func contents(_ lifetime: LeaseLifetime) -> StoreContents {
    var contents = StoreContents()
    let now = WallClock.seconds
    for (name, record) in records {
      switch record.lease {
      case .success(let lease):
        let end = lease.expiry ?? .max
        if end > now {
          contents.leases.append(lease)
        } else if end + lifetime.quarantineSeconds > now {
          contents.quarantined.append(Quarantine(lease.key, node: lease.holder?.node))
        }
      case .failure(let fault):
        contents.faults[name] = fault.reason
        // What its name says is better not given away.
        if let dash = name.lastIndex(of: "-"), let subnet = Subnet("\(name[..<dash])/\(name[name.index(after: dash)...].dropLast(5))") {
          contents.quarantined.append(Quarantine(subnet.family == .v4 ? LeaseKey(subnet: subnet) : LeaseKey(ipv6Subnet: subnet)))
        }
      }
    }
    return contents
  }

  /// When the next lease ends, of those that have not: milliseconds since 1970 UTC; nil if none does.
  var nextExpiry: Int64? {
    let now = WallClock.milliseconds
    return records.values.compactMap { try? $0.lease.get().expiry.map { $0 * 1000 } }.filter { $0 > now }.min()
  }
}
