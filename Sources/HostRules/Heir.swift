import Linux
import NFTables

/// The attachment that gets a container's published ports when the one that holds them goes.
///
/// A runtime asks every network of a container to publish the same ports. The first one holds them, the others wait.
struct Heir {
  /// The heir's record as it is to be written: with the successors that come after it.
  let record: Record

  /// All that the heir wants.
  var entries: [Entry] { record.concern.entries(record.owner) }
}

extension Publication {
  /// Whose the element is, if it is about a published port.
  static func holder(of entry: Entry, _ element: Element) -> Owner? {
    guard Claim(entry) != nil else { return nil }
    return element.comment.flatMap { Owner(label: $0) }
  }
}

extension RecordFolder {
  /// The first successor that still exists and may inherit.
  func heir(of record: Record, where mayInherit: (Owner) -> Bool) throws(SystemError) -> Heir? {
    for (position, owner) in record.successors.enumerated() where mayInherit(owner) {
      guard var heir = try read(owner, record.concern.kind), heir.namespace == namespace else { continue }
      for later in record.successors[(position + 1)...] where !heir.successors.contains(later) { heir.successors.append(later) }
      return Heir(record: heir)
    }
    return nil
  }

  /// Notes in a holder's record that another attachment of its container waits for its ports.
  func append(_ owner: Owner, toSuccessorsOf holder: Owner) throws(SystemError) {
    guard var record = try read(holder, .publication), record.namespace == namespace, !record.successors.contains(owner) else { return }
    record.successors.append(owner)
    try write(record)
  }
}
