internal import CArchive
internal import CLinux
internal import Glibc
internal import Linux

/// Writes folders and files into a tar archive. Symbolic links are never followed, whoever changes the tree meanwhile.
final class TreePacker {
  private let output: ArchiveWriter
  private let form: Form
  private var names: [FileIdentity: String] = [:]

  /// What the archive is to be.
  enum Form {
    /// Whatever is there.
    case plain
    /// Whatever is there, but what is mounted below stays out.
    case oneFileSystem
    /// Overlay's `upperdir` as a layer: marks become whiteouts. Empty files and folders at the given paths stay out, unless they hold something.
    case layer(mountPoints: Set<String>)
  }

  init(_ output: ArchiveWriter, _ form: Form) {
    self.output = output
    self.form = form
  }

  /// Adds everything that is in a folder under the name `prefix`, which is empty or ends with a slash.
  func addContent(of folder: borrowing OwnedFile, prefix: String = "") throws {
    let device = try folder.identity().device
    for name in try DirectoryListing.names(in: folder) { try add(name, in: folder.descriptor, as: prefix + name, device: device) }
  }

  /// Adds what a name in an open folder stands for, under the name `path` in the archive.
  func add(_ name: String, in folder: Int32, as path: String) throws {
    var status = stat()
    guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw SystemError(.last, "look at '\(path)'") }
    try add(name, in: folder, as: path, device: UInt64(status.st_dev))
  }

  private func add(_ name: String, in folder: Int32, as path: String, device: UInt64) throws {
    do { try addEntry(name, folder, path, device) } catch let error as SystemError where !error.operation.contains("'") {
      throw SystemError(error.code, "'\(path)': \(error.operation)")
    }
  }

  private func addEntry(_ name: String, _ folder: Int32, _ path: String, _ device: UInt64) throws {
    var status = stat()
    if fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 {
      // It has gone since the folder was listed.
      if Errno.last == .noEntry { return }
      throw SystemError(.last, "look at it")
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: try addFolder(name, folder, path, status, device)
    case S_IFREG: try addFile(name, folder, path, status)
    case S_IFSOCK: return
    case S_IFCHR where isLayer && OverlayMark.isWhiteout(status): try addWhiteout(path)
    case S_IFLNK:
      let target = try FileSystem.target(ofLink: TreePacker.path(folder, name))
      try begin(path, name, folder, status) { archive_entry_set_symlink($0, target) }
    default: try begin(path, name, folder, status) { archive_entry_set_rdev($0, status.st_rdev) }
    }
  }

  private var isLayer: Bool { if case .layer = form { true } else { false } }

  private func addFolder(_ name: String, _ folder: Int32, _ path: String, _ status: stat, _ device: UInt64) throws {
    let inner = try DirectoryListing.open(name, in: folder)
    let isElsewhere = UInt64(status.st_dev) != device
    if case .layer(let mountPoints) = form, mountPoints.contains("/\(path)"), try DirectoryListing.names(in: inner).isEmpty { return }
    try begin(path, name, folder, status) { _ in }
    if case .oneFileSystem = form, isElsewhere { return }
    if isLayer, OverlayMark.isOpaque(TreePacker.path(folder, name)) { try addWhiteout("\(path)/.wh.") }
    for child in try DirectoryListing.names(in: inner) {
      try add(child, in: inner.descriptor, as: "\(path)/\(child)", device: isElsewhere ? UInt64(status.st_dev) : device)
    }
  }

  /// Adds the whiteout of a path; of `folder/.wh.` for everything in the folder.
  private func addWhiteout(_ path: String) throws {
    let name = path.hasSuffix("/.wh.") ? "\(path).wh..opq" : TreePacker.whiteout(of: path)
    try output.begin { entry in
      archive_entry_set_pathname(entry, name)
      archive_entry_set_filetype(entry, UInt32(Glibc.S_IFREG))
      archive_entry_set_perm(entry, 0)
      archive_entry_set_size(entry, 0)
      archive_entry_set_mtime(entry, 0, 0)
    }
  }

  private static func whiteout(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return ".wh.\(path)" }
    return "\(path[...slash]).wh.\(path[path.index(after: slash)...])"
  }

  private func addFile(_ name: String, _ folder: Int32, _ path: String, _ old: stat) throws {
    if case .layer(let mountPoints) = form, old.st_size == 0, mountPoints.contains("/\(path)") { return }
    let identity = FileIdentity(device: UInt64(old.st_dev), inode: UInt64(old.st_ino))
    if old.st_nlink > 1, let first = names[identity] {
      return try begin(path, name, folder, old) { entry in
        archive_entry_set_hardlink(entry, first)
        archive_entry_set_size(entry, 0)
      }
    }
    let descriptor = clinux_open(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0)
    guard descriptor >= 0 else { throw SystemError(Errno(rawValue: -descriptor), "open it") }
    let file = OwnedFile(adopting: descriptor)
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw SystemError(.last, "look at it") }
    let pieces = try SparsePieces.of(file, status)
    try begin(path, name, folder, status) { entry in
      archive_entry_set_size(entry, Int64(status.st_size))
      for piece in pieces ?? [] { archive_entry_sparse_add_entry(entry, piece.start, piece.count) }
    }
    if status.st_nlink > 1 { names[identity] = path }
    try copy(file, count: Int64(status.st_size))
  }

  /// Writes so many bytes of a file; zeros for what it has lost since.
  private func copy(_ file: borrowing OwnedFile, count: Int64) throws {
    let descriptor = file.descriptor
    try withUnsafeTemporaryAllocation(byteCount: 1 << 17, alignment: 16) { buffer in
      var left = count
      while left > 0 {
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(left, Int64(buffer.count)))])
        var got = read(descriptor, part.baseAddress, part.count)
        if got < 0 {
          if Errno.last == .interrupted { continue }
          throw SystemError(.last, "read it")
        }
        if got == 0 {
          part.initializeMemory(as: UInt8.self, repeating: 0)
          got = part.count
        }
        try output.write(UnsafeRawBufferPointer(rebasing: part[..<got]))
        left -= Int64(got)
      }
    }
  }

  private func begin(_ path: String, _ name: String, _ folder: Int32, _ status: stat, _ describe: (OpaquePointer) -> Void) throws {
    let attributes = TreePacker.attributes(TreePacker.path(folder, name))
    try output.begin { entry in
      archive_entry_set_pathname(entry, path)
      archive_entry_set_filetype(entry, UInt32(status.st_mode & S_IFMT))
      archive_entry_set_perm(entry, status.st_mode & 0o7777)
      archive_entry_set_uid(entry, Int64(status.st_uid))
      archive_entry_set_gid(entry, Int64(status.st_gid))
      archive_entry_set_mtime(entry, status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
      for (attribute, value) in attributes { archive_entry_xattr_add_entry(entry, attribute, value, value.count) }
      describe(entry)
    }
  }

  private static func path(_ folder: Int32, _ name: String) -> String { "/proc/self/fd/\(folder)/\(name)" }

  /// The extended attributes that mean something elsewhere: not those of overlayfs, and not this machine's security labels.
  private static func attributes(_ path: String) -> [(String, [UInt8])] {
    let length = llistxattr(path, nil, 0)
    guard length > 0 else { return [] }
    var list = [CChar](repeating: 0, count: length)
    let used = llistxattr(path, &list, length)
    guard used > 0 else { return [] }
    return list[..<used].split(separator: 0).compactMap { bytes -> (String, [UInt8])? in
      let name = String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      guard !OverlayMark.isOwn(name), name.hasPrefix("user.") || name == "security.capability" || name.hasPrefix("system.posix_acl") else {
        return nil
      }
      var value = [UInt8](repeating: 0, count: max(0, lgetxattr(path, name, nil, 0)))
      let size = lgetxattr(path, name, &value, value.count)
      return size < 0 ? nil : (name, Array(value.prefix(size)))
    }
  }
}
