import CNI
import Linux

/// The file in which an attachment's saved settings lie, `<containerID>_<interface>.json` as with the reference.
///
/// It appears with its whole content before the interface is changed, and goes when DEL has restored what it says.
struct SavedSettingsFile {
  /// Whose settings these are.
  let attachment: Attachment
  private let folder: String
  private let path: String
  /// Where the content is written before it replaces the file's.
  private var draft: String { path + ".new" }

  init(in folder: String, of attachment: Attachment) {
    self.folder = folder
    self.attachment = attachment
    path = "\(folder)/\(attachment.containerID)_\(attachment.interfaceName).json"
  }

  /// What the file says; nil if there is none, or what it says is not usable: it was written by a program that died while writing.
  func read() throws -> SavedSettings? {
    guard let content = try FileSystem.readIfPresent(path) else { return nil }
    do { return try SavedSettings(parsing: content) } catch {
      Log.warning("\(path) is damaged and will be replaced or removed: \(error)")
      return nil
    }
  }

  /// Whether what was read belongs to this attachment. Two attachments can have one file name: "a_b" with "c", and "a" with "b_c".
  func isOwn(_ saved: SavedSettings) -> Bool { saved.attachment == nil || saved.attachment == attachment }

  /// Saves what is about to be changed.
  ///
  /// What an earlier ADD of the same interface has saved stays: by now the interface has the changed values.
  func save(_ current: SavedSettings) throws {
    var saved = current
    if let earlier = try read() {
      if let other = earlier.attachment, (other.containerID, other.interfaceName) != (attachment.containerID, attachment.interfaceName) {
        throw CNIError(.other, "\(path) holds the settings of another attachment", details: other.description)
      }
      if let identity = current.identity, earlier.describes(identity) { saved.settings = earlier.settings.completed(by: current.settings) }
      if saved == earlier { return }
    }
    try FileSystem.createFolders(folder)
    // The draft's name is fixed, so that one that a killed ADD has left is overwritten here, or removed by DEL.
    try FileSystem.remove(draft)
    try FileSystem.create(draft, content: Array(saved.text.utf8), mode: 0o600)
    try FileSystem.move(draft, to: path)
  }

  /// Removes the file, whatever is in it.
  func remove() throws {
    try FileSystem.remove(draft)
    try FileSystem.remove(path)
  }

  /// The files in a folder that say they belong to attachments of a network. Files that do not say whose they are belong to nobody.
  static func files(in folder: String, network: String) throws -> [SavedSettingsFile] {
    guard FileSystem.isFolder(folder) else { return [] }
    return try FileSystem.names(in: folder).compactMap { name in
      let isDraft = name.hasSuffix(".json.new")
      guard isDraft || name.hasSuffix(".json"), let content = try FileSystem.readIfPresent("\(folder)/\(name)") else { return nil }
      // What cannot be read is not known to be ours, and stays.
      guard let attachment = (try? SavedSettings(parsing: content))?.attachment, attachment.network == network else { return nil }
      let file = SavedSettingsFile(in: folder, of: attachment)
      return (isDraft ? file.draft : file.path) == "\(folder)/\(name)" ? file : nil
    }
  }
}
