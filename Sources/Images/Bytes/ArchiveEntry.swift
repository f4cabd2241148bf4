internal import CArchive
internal import Glibc
internal import Linux

/// One entry of an archive that is being read; valid as long as it is its reader's current one.
struct ArchiveEntry {
  /// What an entry is.
  enum Kind: Equatable {
    case file, folder, link, fifo, characterDevice, blockDevice
    /// One more name of another entry.
    case hardLink
    case other
  }

  private let entry: OpaquePointer

  init(_ entry: OpaquePointer) { self.entry = entry }

  /// The name as the archive has it. Throws if it is not UTF-8.
  func name() throws -> String { try text(archive_entry_pathname(entry), archive_entry_pathname_utf8(entry)) }

  /// What a symbolic or hard link says; empty if it is none. Throws if it is not UTF-8.
  func target() throws -> String {
    kind == .hardLink
      ? try text(archive_entry_hardlink(entry), archive_entry_hardlink_utf8(entry))
      : try text(archive_entry_symlink(entry), archive_entry_symlink_utf8(entry))
  }

  var kind: Kind {
    if archive_entry_hardlink(entry) != nil || archive_entry_hardlink_utf8(entry) != nil { return .hardLink }
    switch archive_entry_filetype(entry) {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFLNK: return .link
    case S_IFIFO: return .fifo
    case S_IFCHR: return .characterDevice
    case S_IFBLK: return .blockDevice
    default: return .other
    }
  }

  /// Whether the archive leaves out holes of the content.
  var isSparse: Bool { archive_entry_sparse_count(entry) > 0 }
  var size: Int64 { archive_entry_size(entry) }
  /// The permissions with the set-ID and sticky bits.
  var permissions: UInt32 { UInt32(archive_entry_perm(entry)) & 0o7777 }
  var userID: UInt32 { UInt32(truncatingIfNeeded: archive_entry_uid(entry)) }
  var groupID: UInt32 { UInt32(truncatingIfNeeded: archive_entry_gid(entry)) }
  var device: UInt64 { UInt64(archive_entry_rdev(entry)) }

  var changed: FileStatus.Time {
    FileStatus.Time(seconds: archive_entry_mtime(entry), nanoseconds: min(max(0, archive_entry_mtime_nsec(entry)), 999_999_999))
  }

  /// The extended attributes.
  var attributes: [(name: String, value: [UInt8])] {
    var attributes: [(name: String, value: [UInt8])] = []
    archive_entry_xattr_reset(entry)
    while true {
      var name: UnsafePointer<CChar>?
      var value: UnsafeRawPointer?
      var size = 0
      guard archive_entry_xattr_next(entry, &name, &value, &size) == ARCHIVE_OK, let name else { return attributes }
      attributes.append((String(cString: name), Array(UnsafeRawBufferPointer(start: value, count: size))))
    }
  }

  private func text(_ bytes: UnsafePointer<CChar>?, _ converted: UnsafePointer<CChar>?) throws -> String {
    guard let bytes = bytes ?? converted else { return "" }
    if let text = String(validatingCString: bytes) { return text }
    throw ImageError(.badArchive, "the name '\(String(cString: bytes))' is not UTF-8")
  }
}
