internal import CArchive
internal import Glibc
internal import Linux

/// libarchive's writer into a file that is open.
final class ArchiveWriter {
  private let archive: OpaquePointer
  private let file: OwnedFile
  private let entry: OpaquePointer

  /// Writes a tar archive: pax where ustar is not enough.
  convenience init(tar file: consuming OwnedFile) throws {
    try self.init(file) { archive in
      archive_write_set_format_pax_restricted(archive)
      archive_write_set_format_option(archive, "pax", "xattrheader", "SCHILY")
      // The archive ends where its content does, also on a terminal or a pipe.
      archive_write_set_bytes_in_last_block(archive, 1)
    }
  }

  /// Writes bytes, compressed by zstd.
  convenience init(compressing file: consuming OwnedFile) throws {
    try self.init(file) { archive in
      archive_write_set_format_raw(archive)
      archive_write_add_filter_zstd(archive)
      archive_write_set_bytes_in_last_block(archive, 1)
    }
    archive_entry_set_filetype(entry, UInt32(Glibc.S_IFREG))
    try check(archive_write_header(archive, entry))
  }

  private init(_ file: consuming OwnedFile, _ choose: (OpaquePointer) -> Void) throws {
    UTF8Locale.use()
    guard let archive = archive_write_new(), let entry = archive_entry_new() else { throw SystemError(.noMemory, "write an archive") }
    self.archive = archive
    self.entry = entry
    self.file = file
    choose(archive)
    try check(archive_write_open_fd(archive, self.file.descriptor))
  }

  deinit {
    archive_entry_free(entry)
    archive_write_free(archive)
  }

  /// Begins an entry that `describe` fills in; its data follow by `write`.
  func begin(_ describe: (OpaquePointer) -> Void) throws {
    archive_entry_clear(entry)
    describe(entry)
    try check(archive_write_header(archive, entry))
  }

  /// Writes data of the present entry.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < bytes.count {
      let count = archive_write_data(archive, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if count < 0 { try check(Int32(count)) }
      // The entry was said to be shorter.
      if count == 0 { return }
      done += count
    }
  }

  /// Adds a regular file with so many bytes of a source.
  func add(_ name: String, size: Int64, from source: any ByteSource) throws {
    try begin { entry in
      archive_entry_set_pathname(entry, name)
      archive_entry_set_filetype(entry, UInt32(Glibc.S_IFREG))
      archive_entry_set_perm(entry, 0o644)
      archive_entry_set_size(entry, size)
      archive_entry_set_mtime(entry, 0, 0)
    }
    try withUnsafeTemporaryAllocation(byteCount: 1 << 17, alignment: 16) { buffer in
      while true {
        let count = try source.read(into: buffer)
        if count == 0 { return }
        try write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
  }

  /// Adds a regular file.
  func add(_ name: String, content: [UInt8]) throws { try add(name, size: Int64(content.count), from: MemorySource(content)) }

  /// Writes what is still held back. Without it the file is not complete.
  func finish() throws { try check(archive_write_close(archive)) }

  private func check(_ result: Int32) throws {
    if result == ARCHIVE_OK || result == ARCHIVE_WARN { return }
    let code = Errno(rawValue: archive_errno(archive)), words = archive_error_string(archive).map { String(cString: $0) }
    if code.rawValue > 0 { throw SystemError(code, "write an archive") }
    throw ImageError(.badArchive, words ?? "an archive could not be written")
  }
}
