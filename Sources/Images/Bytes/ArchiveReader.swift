internal import CArchive
internal import Glibc
internal import Linux

/// libarchive's reader over a source of bytes.
final class ArchiveReader {
  /// What the reader expects.
  enum Content {
    /// A tar archive.
    case tar
    /// A tar archive, perhaps compressed.
    case compressedTar
    /// Bytes of any kind, perhaps compressed.
    case compressedBytes
  }

  /// What the C callback reads through, and what it failed with.
  private final class Feed {
    let source: any ByteSource
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 17, alignment: 4096)
    var failure: (any Error)?

    init(_ source: any ByteSource) { self.source = source }
    deinit { buffer.deallocate() }
  }

  private let archive: OpaquePointer
  private let feed: Feed

  /// Opens an archive; reads its first bytes.
  init(_ source: any ByteSource, _ content: Content) throws {
    UTF8Locale.use()
    guard let archive = archive_read_new() else { throw SystemError(.noMemory, "read an archive") }
    self.archive = archive
    feed = Feed(source)
    if content != .tar {
      // Only what libarchive unpacks itself: for other kinds it would start programs.
      for support in [
        archive_read_support_filter_gzip, archive_read_support_filter_bzip2, archive_read_support_filter_xz,
        archive_read_support_filter_zstd,
      ] {
        _ = support(archive)
      }
    }
    archive_read_support_format_empty(archive)
    if content == .compressedBytes { archive_read_support_format_raw(archive) } else { archive_read_support_format_tar(archive) }
    let result = archive_read_open2(
      archive, Unmanaged.passUnretained(feed).toOpaque(), nil,
      { (archive, data, start) in
        guard let data, let start else { return -1 }
        let feed = Unmanaged<Feed>.fromOpaque(data).takeUnretainedValue()
        do {
          let count = try feed.source.read(into: feed.buffer)
          start.pointee = UnsafeRawPointer(feed.buffer.baseAddress)
          return count
        } catch {
          feed.failure = error
          return -1
        }
      },
      { (_, data, count) in data.map { Unmanaged<Feed>.fromOpaque($0).takeUnretainedValue().source.skip(count) } ?? 0 }, nil)
    try check(result)
  }

  deinit { archive_read_free(archive) }

  /// The next entry, valid until the one after it is asked for; nil after the last one.
  func next() throws -> ArchiveEntry? {
    var entry: OpaquePointer?
    let result = archive_read_next_header(archive, &entry)
    if result == ARCHIVE_EOF { return nil }
    try check(result)
    return entry.map(ArchiveEntry.init)
  }

  /// Reads the entry's data, holes as zeros; 0 means its end.
  func readData(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
    if count < 0 { try check(Int32(count)) }
    return max(0, count)
  }

  /// Hands over each piece of the entry's data with its place in the file.
  func forEachBlock(_ body: (UnsafeRawBufferPointer, _ offset: Int64) throws -> Void) throws {
    while true {
      var start: UnsafeRawPointer?
      var count = 0, offset: Int64 = 0
      let result = archive_read_data_block(archive, &start, &count, &offset)
      if result == ARCHIVE_EOF { return }
      try check(result)
      try body(UnsafeRawBufferPointer(start: start, count: count), offset)
    }
  }

  private func check(_ result: Int32) throws {
    // A warning is about attributes, such as a name in an unknown character set.
    if result == ARCHIVE_OK || result == ARCHIVE_WARN { return }
    if let failure = feed.failure { throw failure }
    throw ImageError(.badArchive, archive_error_string(archive).map { String(cString: $0) } ?? "damaged archive")
  }
}
