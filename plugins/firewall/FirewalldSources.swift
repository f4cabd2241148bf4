import Addresses
import CNI
import Linux

extension Firewalld {
  /// A container's addresses as sources of a zone, and the record of them.
  ///
  /// firewalld keeps no owner with a source, so a file does, from before the first one is added until after the last one has been removed:
  /// DEL without a previous result, and GC, need it.
  struct Sources: Equatable {
    /// The zone.
    let zone: String
    /// The addresses with the full prefix length: `10.1.2.3/32`.
    let addresses: [String]

    /// Where the records are, a folder for each network. A tmpfs: firewalld forgets these sources too when it is restarted.
    private static let folder = "/run/cni/firewalld"

    /// The addresses of a result.
    init(_ zone: String, _ result: CNIResult) {
      self.zone = zone
      addresses = result.addresses.map { "\($0.address.address)/\($0.address.family.bitCount)" }
    }

    /// Adds the sources, and writes the record first.
    func add(for attachment: Attachment) throws {
      let firewalld = try Firewalld()
      let (folder, path) = Sources.place(attachment)
      // What an earlier ADD has recorded goes first: it may name other addresses.
      if let earlier = try Sources.read(path), earlier != self { try earlier.remove(from: Firewalld.ifRunning()) }
      try FileSystem.remove(path)
      try write(path, in: folder)
      for address in addresses { try firewalld.addSource(address, to: zone) }
    }

    /// Writes the record; again if a DEL of another container has removed the folder because it was empty.
    private func write(_ path: String, in folder: String) throws(SystemError) {
      for attempt in 1... {
        try FileSystem.createFolders(folder)
        do { return try FileSystem.create(path, content: Array(([zone] + addresses).joined(separator: "\n").utf8), mode: 0o600) } catch {
          guard error.code == .noEntry, attempt < 100 else { throw error }
        }
      }
    }

    /// Throws unless firewalld has all the sources.
    func check() throws {
      let firewalld = try Firewalld()
      for address in addresses where try !firewalld.hasSource(address, in: zone) {
        throw CNIError(.other, "source \(address) is not in zone \(zone) of firewalld")
      }
    }

    /// Removes what is recorded for an attachment. Without a record nothing of D-Bus is touched.
    static func remove(of attachment: Attachment) throws {
      let (folder, path) = place(attachment)
      if let recorded = try read(path) {
        try recorded.remove(from: Firewalld.ifRunning())
        try FileSystem.remove(path)
      }
      try FileSystem.removeFolder(folder)
    }

    /// Removes what is recorded for attachments of a network that are not kept.
    static func collectGarbage(_ network: String, keeping kept: Set<Attachment>) throws {
      let folder = "\(Sources.folder)/\(network)"
      guard FileSystem.isFolder(folder) else { return }
      for name in try FileSystem.names(in: folder) {
        // Neither IDs nor interface names hold a colon.
        let parts = name.split(separator: ":").map { String($0) }
        guard parts.count == 2 else { continue }
        let attachment = Attachment(network: network, containerID: parts[0], interfaceName: parts[1])
        if !kept.contains(attachment) { try remove(of: attachment) }
      }
      try FileSystem.removeFolder(folder)
    }

    private func remove(from firewalld: Firewalld?) throws {
      guard let firewalld else { return }
      for address in addresses { try firewalld.removeSource(address, from: zone) }
    }

    private static func place(_ attachment: Attachment) -> (folder: String, path: String) {
      let folder = "\(Sources.folder)/\(attachment.network)"
      return (folder, "\(folder)/\(attachment.containerID):\(attachment.interfaceName)")
    }

    private static func read(_ path: String) throws -> Sources? {
      guard let content = try FileSystem.readIfPresent(path) else { return nil }
      let lines = content.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
      return Sources(zone: lines.first ?? "", addresses: Array(lines.dropFirst()))
    }

    private init(zone: String, addresses: [String]) {
      self.zone = zone
      self.addresses = addresses
    }
  }
}
