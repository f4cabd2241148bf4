internal import JSON
internal import Linux

/// What runtimes remember between ADD and DEL: one file for each attachment, in the format and the place of the common CNI library.
public struct ResultCache: Sendable {
  /// Where the common library and its users keep their files.
  public static var defaultPath: String { "/var/lib/cni/results" }

  /// The folder.
  public let path: String

  /// Names a folder, which is made when it is needed.
  public init(_ path: String = ResultCache.defaultPath) { self.path = path }

  /// The entry of an attachment; nil if there is none. Throws code 6 if the file is torn, and code 5 if it cannot be read.
  public func entry(of attachment: Attachment) throws(CNIError) -> CachedAttachment? {
    guard let object = try object(at: file(of: attachment)) else { return nil }
    if object.value("kind") == nil { return CachedAttachment(legacyResult: object.json, attachment) }
    let entry = try CachedAttachment(object)
    return entry.attachment == attachment ? entry : nil
  }

  /// How far an ADD came.
  enum State {
    /// Nothing is on record.
    case absent
    /// It began, and may have left something behind; a torn record says no more.
    case interrupted
    /// It has a result.
    case attached
  }

  /// How far the ADD of an attachment came.
  func state(of attachment: Attachment) throws(CNIError) -> State {
    do {
      guard let entry = try entry(of: attachment) else { return .absent }
      return entry.result == nil ? .interrupted : .attached
    } catch {
      guard error.code == .decoding else { throw error }
      return .interrupted
    }
  }

  /// Every entry of a network. Files that are not entries are left alone.
  public func entries(of network: String) throws(CNIError) -> [CachedAttachment] {
    try entries { $0.hasPrefix("\(network)-") }.filter { $0.network == network }
  }

  /// Every entry, but those of runtimes from before 2019, which do not say whose they are. Files that are not entries are left alone.
  public func entries() throws(CNIError) -> [CachedAttachment] { try entries { _ in true } }

  private func entries(inFiles isWanted: (String) -> Bool) throws(CNIError) -> [CachedAttachment] {
    let names: [String]
    do { names = try FileSystem.names(in: path).sorted() } catch {
      if error.code == .noEntry { return [] }
      throw CNIError(error)
    }
    var entries: [CachedAttachment] = []
    // What begins with a dot is being written.
    for name in names where !name.hasPrefix(".") && isWanted(name) {
      do {
        guard let object = try object(at: "\(path)/\(name)") else { continue }
        entries.append(try CachedAttachment(object))
      } catch {
        guard error.code == .decoding else { throw error }
        Log.warning("\(path)/\(name) is not a cached result: \(error)")
      }
    }
    return entries
  }

  /// Writes an entry in one step. Throws code 7 if the file of that name holds another attachment's: network "a" with container "b-c" and network
  /// "a-b" with container "c" share one, and losing either would leak.
  public func store(_ entry: CachedAttachment) throws(CNIError) {
    let file = file(of: entry.attachment)
    if let other = try owner(of: file), other != entry.attachment {
      throw CNIError(.invalidConfiguration, "the result cache already holds \(other) under the name of \(entry.attachment)")
    }
    do {
      try FileSystem.createFolders(path, mode: 0o700)
      try FileSystem.replace(file, content: Array(entry.json.text.utf8), mode: 0o600)
    } catch { throw CNIError(error) }
  }

  /// Forgets an attachment; it may be unknown.
  public func remove(_ attachment: Attachment) throws(CNIError) {
    let file = file(of: attachment)
    if let other = try owner(of: file), other != attachment { return }
    do { try FileSystem.remove(file) } catch { throw CNIError(error) }
  }

  /// Whom a file is about; nil if it is not there, or does not say because it is torn or old.
  private func owner(of file: String) throws(CNIError) -> Attachment? {
    do {
      guard let object = try object(at: file), object.value("kind") != nil else { return nil }
      return try CachedAttachment(object).attachment
    } catch {
      if error.code == .decoding { return nil }
      throw error
    }
  }

  private func file(of attachment: Attachment) -> String {
    "\(path)/\(attachment.network)-\(attachment.containerID)-\(attachment.interfaceName)"
  }

  private func object(at file: String) throws(CNIError) -> ConfigurationObject? {
    let text: [UInt8]
    do {
      guard let content = try FileSystem.readIfPresent(file) else { return nil }
      text = content
    } catch { throw CNIError(error) }
    guard let json = try? JSONValue(parsing: text), case .object(let object) = json else {
      throw CNIError(.decoding, "\(file) is not a cached result")
    }
    return ConfigurationObject(object)
  }
}
