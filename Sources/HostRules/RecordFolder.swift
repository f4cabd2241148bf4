import Glibc
import Linux

/// The folder with the records of all attachments, on a file system in memory: like the rules it does not outlive a reboot.
///
/// Each network has a folder in it, with a file `containerID:ifname:concern` for each record. Folders vanish with their last file.
struct RecordFolder {
  let path: String
  /// The number of the network namespace whose rules are meant, which no other one gets until the kernel is restarted.
  let namespace: UInt64

  /// Uses a folder, which need not exist, for the network namespace with this number.
  init(_ path: String, namespace: UInt64) {
    self.path = path
    self.namespace = namespace
  }

  /// Waits until no other process changes records and rules. Nil, without waiting, if the folder is missing and not to be created, or cannot
  /// be: where nobody can write records, the kernel's generations alone keep changes apart.
  func lock(creating: Bool) throws(SystemError) -> FolderLock? {
    while true {
      do throws(SystemError) {
        if creating { try FileSystem.createFolders(path) }
      } catch { return nil }
      let lock: FolderLock
      do { lock = try FolderLock(path) } catch {
        guard error.code == .noEntry else { throw error }
        if creating { continue }
        return nil
      }
      // The one who held it before may have removed the folder when the last record went.
      if let now = try? FileIdentity(path: path), try now == lock.identity() { return lock }
    }
  }

  /// The record of an attachment; nil if there is none, or none that can be read.
  func read(_ owner: Owner, _ kind: Concern.Kind) throws(SystemError) -> Record? {
    guard let content = try FileSystem.readIfPresent(path(owner, kind)) else { return nil }
    return Record(text: String(decoding: content, as: UTF8.self))
  }

  /// Writes or replaces a record in one step.
  func write(_ record: Record) throws(SystemError) {
    let path = path(record.owner, record.concern.kind), content = Array(record.text.utf8)
    do { try FileSystem.create(path, content: content, mode: 0o600) } catch {
      switch error.code {
      case .exists: try replace(record, path, content)
      case .noEntry:
        try FileSystem.createFolders("\(self.path)/\(record.owner.networkPart)")
        try FileSystem.create(path, content: content, mode: 0o600)
      default: throw error
      }
    }
  }

  /// The name beside the record is always the same, so that what a killed process left there goes with the record.
  private func replace(_ record: Record, _ path: String, _ content: [UInt8]) throws(SystemError) {
    let draft = self.path(record.owner, record.concern.kind, draft: true)
    try FileSystem.remove(draft)
    try FileSystem.create(draft, content: content, mode: 0o600)
    guard unsafe rename(draft, path) == 0 else { throw SystemError(.last, "replace \(path)") }
  }

  /// Removes a record, and the folders that it leaves empty; says whether there was one.
  @discardableResult
  func remove(_ owner: Owner, _ kind: Concern.Kind) throws(SystemError) -> Bool {
    // On a read-only file system removing fails also where there is nothing to remove.
    guard FileSystem.isFolder("\(path)/\(owner.networkPart)") else { return false }
    let wasThere = try FileSystem.remove(path(owner, kind))
    try FileSystem.remove(path(owner, kind, draft: true))
    if wasThere { try removeEmptyFolders(owner.networkPart) }
    return wasThere
  }

  /// Removes the folders of a network and of all, if nothing is in them.
  func removeEmptyFolders(_ network: String? = nil) throws(SystemError) {
    for folder in [network.map { "\(path)/\($0)" }, path].compactMap({ $0 }) where FileSystem.isFolder(folder) {
      try FileSystem.removeFolder(folder)
    }
  }

  /// All records that belong to this network namespace, or those of one network, or of one kind.
  func all(network: String? = nil, kind: Concern.Kind? = nil) throws(SystemError) -> [Record] {
    let networks = if let network { [Owner.folder(network)] } else { try names(in: path) }
    var records: [Record] = []
    for network in networks {
      for name in try names(in: "\(path)/\(network)") where !name.hasPrefix(".") && kind.map({ name.hasSuffix(":\($0.rawValue)") }) ?? true
      {
        guard let content = try FileSystem.readIfPresent("\(path)/\(network)/\(name)") else { continue }
        guard let record = Record(text: String(decoding: content, as: UTF8.self)), record.namespace == namespace else { continue }
        records.append(record)
      }
    }
    return records
  }

  /// Removes the files of a network whose owner is garbage by name, readable or not, except those of other network namespaces; answers the owners.
  func remove(_ kinds: [Concern.Kind], network: String, where isGarbage: (String?) -> Bool) throws(SystemError) -> [Owner] {
    let folder = Owner.folder(network)
    var removed: [Owner] = []
    for name in try names(in: "\(path)/\(folder)") {
      let parts = name.drop { $0 == "." }.split(separator: ":").map(String.init)
      guard parts.count == 3, let kind = Concern.Kind(rawValue: parts[2]), kinds.contains(kind) else { continue }
      let label = "\(folder)/\(parts[0])/\(parts[1])"
      guard isGarbage(label), let content = try FileSystem.readIfPresent("\(path)/\(folder)/\(name)") else { continue }
      if let record = Record(text: String(decoding: content, as: UTF8.self)), record.namespace != namespace { continue }
      try FileSystem.remove("\(path)/\(folder)/\(name)")
      if let owner = Owner(label: label) { removed.append(owner) }
    }
    try removeEmptyFolders(folder)
    return removed
  }

  private func names(in folder: String) throws(SystemError) -> [String] {
    do { return try FileSystem.names(in: folder) } catch {
      if error.code == .noEntry || error.code == .notDirectory { return [] }
      throw error
    }
  }

  func path(_ owner: Owner, _ kind: Concern.Kind, draft: Bool = false) -> String {
    "\(path)/\(owner.networkPart)/\(draft ? "." : "")\(owner.containerPart):\(owner.interfacePart):\(kind.rawValue)"
  }
}

extension Owner {
  /// The name of a network's folder.
  static func folder(_ network: String) -> String { Owner(network: network, containerID: "-", interfaceName: "-").networkPart }
}
