internal import Glibc
internal import Linux

/// Writes down what a layer's tar archive has besides the contents of files, so that the very same archive, with the same digest, can be put
/// together again from the unpacked layer.
///
/// Two streams are matched: `TarScanner` finds the contents in the archive's bytes and numbers them, and the unpacker tells, in the same order,
/// where it has put them.
final class AssemblyRecorder {
  private let layer: String
  private var scanner = TarScanner()
  private let output: ArchiveWriter
  private var sizes: [Int64] = []
  private var paths: [UInt8] = []
  private var next = 0
  private var numbers: [UInt64: Int] = [:]
  /// Whether the archive can be put together again.
  private(set) var isComplete = true

  /// Writes into the folder of a layer that is being made.
  init(layer: String) throws {
    self.layer = layer
    let file = try OwnedFile("\(layer)/\(Assembly.frame)", flags: [.writeOnly, .create, .exclusive], mode: 0o600)
    output = try ArchiveWriter(compressing: file)
  }

  /// Takes the archive's next bytes.
  func feed(_ bytes: UnsafeRawBufferPointer) throws {
    try scanner.scan(bytes) { (piece) in
      switch piece {
      case .frame(let bytes): try Assembly.write(.frame(Int64(bytes.count)), bytes, to: output)
      case .content(let size):
        sizes.append(size)
        try Assembly.write(.content(size), UnsafeRawBufferPointer(start: nil, count: 0), to: output)
      }
    }
  }

  /// Whether a content of so many bytes, the next one, is to be told; all of what comes after an entry of a kind that the scanner does not know
  /// is in the frame.
  private func isNext(_ size: Int64) -> Bool {
    if next == sizes.count { return false }
    if sizes[next] != size { isComplete = false }
    return isComplete
  }

  /// A file's content is in the layer now.
  func wrote(_ path: EntryPath, size: Int64, in folder: Int32) throws {
    guard isNext(size) else { return }
    var status = stat()
    guard fstatat(folder, path.name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return isComplete = false }
    numbers[UInt64(status.st_ino)] = next
    paths += Array(path.relative.utf8) + [0]
    next += 1
  }

  /// A file's content is not wanted in the layer; it is kept aside.
  func skip(_ reader: ArchiveReader, size: Int64) throws {
    guard isNext(size) else { return }
    let file = try OwnedFile(try place(ofReplaced: next), flags: [.writeOnly, .create, .exclusive], mode: 0o600)
    try reader.forEachBlock { try file.write($0, at: $1) }
    paths += [UInt8(ascii: "-"), 0]
    next += 1
  }

  /// Contents that were recorded are about to go, because the archive has another entry of that name.
  func willReplace(_ name: String, in folder: Int32, _ status: stat) throws {
    if status.st_mode & S_IFMT == S_IFDIR {
      let inner = try DirectoryListing.open(name, in: folder)
      for child in try DirectoryListing.names(in: inner) {
        var status = stat()
        guard fstatat(inner.descriptor, child, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw SystemError(.last, "look at '\(child)'") }
        try willReplace(child, in: inner.descriptor, status)
      }
    }
    guard status.st_mode & S_IFMT == S_IFREG, let number = numbers.removeValue(forKey: UInt64(status.st_ino)) else { return }
    guard linkat(folder, name, AT_FDCWD, try place(ofReplaced: number), 0) == 0 else { throw SystemError(.last, "keep '\(name)'") }
  }

  private func place(ofReplaced number: Int) throws -> String {
    try FileSystem.createFolders("\(layer)/\(Assembly.replaced)", mode: 0o700)
    return "\(layer)/\(Assembly.replaced)/\(number)"
  }

  /// Ends the record, when the archive has been read to its end; removes it if it would be of no use.
  func finish() throws {
    try scanner.finish { (rest) in try Assembly.write(.frame(Int64(rest.count)), rest, to: output) }
    try output.finish()
    if next != sizes.count { isComplete = false }
    if isComplete {
      try FileSystem.create("\(layer)/\(Assembly.contents)", content: paths, mode: 0o600)
    } else {
      try FileSystem.remove("\(layer)/\(Assembly.frame)")
      try FolderTree.remove("\(layer)/\(Assembly.replaced)")
    }
  }
}
