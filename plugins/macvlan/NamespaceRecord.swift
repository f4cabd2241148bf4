import CNI
import Linux

/// Where the interfaces of a network are: the kernel does not tell which namespaces a link's macvlan devices are in.
///
/// One file for each attachment, which holds the path that CNI_NETNS named; it is there before the interface is, and goes after it.
struct NamespaceRecord {
  /// Whose it is.
  let attachment: Attachment

  /// `/run` is empty after a boot, like the namespaces.
  private static func folder(_ network: String) -> String { "/run/cni/macvlan/\(network)" }
  private var path: String { "\(NamespaceRecord.folder(attachment.network))/\(attachment.containerID):\(attachment.interfaceName)" }

  init(_ attachment: Attachment) { self.attachment = attachment }

  /// The records of a network's attachments.
  static func all(network: String) throws(SystemError) -> [NamespaceRecord] {
    let folder = folder(network)
    if !FileSystem.isFolder(folder) { return [] }
    return try FileSystem.names(in: folder).compactMap { name in
      // An identifier has no colon, an interface's name neither.
      let parts = name.split(separator: ":")
      guard parts.count == 2 else { return nil }
      return NamespaceRecord(Attachment(network: network, containerID: String(parts[0]), interfaceName: String(parts[1])))
    }
  }

  /// Writes it, whatever an earlier ADD wrote.
  func write(_ namespacePath: String) throws(SystemError) {
    try FileSystem.createFolders(NamespaceRecord.folder(attachment.network))
    try remove()
    try FileSystem.create(path, content: Array(namespacePath.utf8))
  }

  /// Opens the namespace; nil if it is gone.
  func namespace() throws(SystemError) -> NetworkNamespace? {
    guard let content = try FileSystem.readIfPresent(path) else { return nil }
    return try? NetworkNamespace(path: String(decoding: content, as: UTF8.self))
  }

  /// Removes it.
  func remove() throws(SystemError) { _ = try FileSystem.remove(path) }
}
