internal import CLinux
internal import Glibc
internal import Linux

/// Puts files into a folder from an archive's entries. Nothing is ever written outside the folder, whatever is in it and whoever changes it
/// meanwhile: names are looked up by openat2(2), and only the last name of a path is created.
final class TreeWriter {
  /// Which symbolic links a path may lead through.
  enum Links {
    /// Those that stay inside the folder by themselves: for layers.
    case beneath
    /// All of them, with the folder taken for `/`: for a container's root.
    case inRoot
  }

  private let root: OwnedFile
  private let scope: PathScope
  private let lower: [String]
  private let owner: (user: UInt32, group: UInt32)?
  /// The folder that was looked up last.
  private var place: (path: EntryPath, file: Int32)?
  private var folderTimes: [(path: EntryPath, attributes: FileAttributes)] = []
  /// Asked before a name in an open folder is replaced; a folder by a folder never is.
  var willReplace: ((_ name: String, _ folder: Int32, _ status: stat, _ byFolder: Bool) throws -> Void)?
  /// Told when a folder was made in place of something else.
  var didReplaceByFolder: ((_ status: stat, _ folder: Int32) throws -> Void)?

  /// Writes below an open folder. Folders that the archive lacks look as in the layers below, the topmost first. `owner`, if given, gets
  /// everything.
  init(_ root: consuming OwnedFile, links: Links, lower: [String] = [], owner: (user: UInt32, group: UInt32)? = nil) {
    self.root = root
    scope = links == .beneath ? .beneath : .inRoot
    self.lower = lower
    self.owner = owner
  }

  deinit { if let place { close(place.file) } }

  /// Creates what an entry is, at `path`. Hard links name their target from the folder `linksBelow`.
  func write(_ entry: ArchiveEntry, at path: EntryPath, data reader: ArchiveReader, linksBelow: EntryPath = EntryPath(names: [])) throws {
    var attributes = FileAttributes(entry)
    if let owner { (attributes.userID, attributes.groupID) = owner }
    switch entry.kind {
    case .folder: try writeFolder(path, attributes)
    case .file: try writeFile(path, attributes, size: entry.size, reader)
    case .link:
      let target = try entry.target()
      try create(path, attributes, isLink: true) { symlinkat(target, $0, $1) }
    case .hardLink: try writeHardLink(path, to: entry.target(), linksBelow)
    case .fifo: try create(path, attributes) { mknodat($0, $1, S_IFIFO | 0o600, 0) }
    case .characterDevice: try writeDevice(path, attributes, S_IFCHR, entry.device)
    case .blockDevice: try writeDevice(path, attributes, S_IFBLK, entry.device)
    case .other: throw ImageError(.badArchive, "it is of a kind that is not known")
    }
  }

  /// Sets the times of all folders that entries described, now that nothing is put into them any more.
  func finish() throws {
    for (path, attributes) in folderTimes.reversed() {
      // It may have been replaced since.
      guard let folder = try? OwnedFile(path.relative, in: root, scope: [scope, .withoutLinks], flags: [.place, .folder]) else { continue }
      try attributes.setTime(of: folder.descriptor)
    }
    folderTimes = []
  }

  /// The descriptor of a folder, made where it is missing; valid until the next call.
  func folder(_ path: EntryPath) throws -> Int32 {
    if let place, place.path == path { return place.file }
    let file = try open(path).release()
    forgetPlace()
    place = (path, file)
    return file
  }

  private func forgetPlace() {
    if let place { close(place.file) }
    place = nil
  }

  private func open(_ path: EntryPath) throws -> OwnedFile {
    do { return try OwnedFile(path.relative, in: root, scope: scope, flags: [.place, .folder]) } catch {
      switch error.code {
      case .noEntry where !path.isRoot: return try makeMissing(path)
      case .tooManyLinks, Errno(rawValue: EXDEV): throw ImageError(.badArchive, "it leads out through a symbolic link")
      case .notDirectory: throw ImageError(.badArchive, "it is below something that is not a folder")
      default: throw SystemError(error.code, "open the folder \(path)")
      }
    }
  }

  /// Makes a folder that no entry has described, and those above it.
  private func makeMissing(_ path: EntryPath) throws -> OwnedFile {
    let above = try open(path.folder)
    guard mkdirat(above.descriptor, path.name, 0o755) == 0 else {
      // A symbolic link that leads nowhere.
      if Errno.last == .exists { throw ImageError(.badArchive, "it leads through a symbolic link to nothing") }
      throw SystemError(.last, "create the folder \(path)")
    }
    let made = try OwnedFile(path.name, in: above, scope: [scope, .withoutLinks], flags: [.place, .folder])
    if let attributes = lowerFolder(path) {
      try attributes.apply(to: made.descriptor, isLink: false, setsTime: false)
      folderTimes.append((path, attributes))
    } else if let owner {
      fchownat(made.descriptor, "", owner.user, owner.group, clinux_at_empty_path)
    }
    return made
  }

  private func lowerFolder(_ path: EntryPath) -> FileAttributes? {
    for layer in lower {
      var status = stat()
      if lstat("\(layer)/\(path.relative)", &status) != 0 { continue }
      return status.st_mode & S_IFMT == S_IFDIR ? FileAttributes(status) : nil
    }
    return nil
  }

  private func writeFolder(_ path: EntryPath, _ attributes: FileAttributes) throws {
    if !path.isRoot {
      let above = try folder(path.folder)
      if mkdirat(above, path.name, 0o700) != 0 {
        guard Errno.last == .exists else { throw SystemError(.last, "create it") }
        var status = stat()
        guard fstatat(above, path.name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw SystemError(.last, "look at it") }
        if status.st_mode & S_IFMT != S_IFDIR {
          try willReplace?(path.name, above, status, true)
          unlinkat(above, path.name, 0)
          guard mkdirat(above, path.name, 0o700) == 0 else { throw SystemError(.last, "create it") }
          let made = try place(path.name, in: above)
          try didReplaceByFolder?(status, made.descriptor)
        }
      }
    }
    let made = path.isRoot ? try OwnedFile(".", in: root, flags: [.place, .folder]) : try place(path.name, in: folder(path.folder))
    try attributes.apply(to: made.descriptor, isLink: false, setsTime: false)
    folderTimes.append((path, attributes))
  }

  private func place(_ name: String, in folder: Int32) throws -> OwnedFile {
    let descriptor = clinux_open(folder, name, OpenFlags.place.rawValue | OpenFlags.noFollow.rawValue, 0)
    guard descriptor >= 0 else { throw SystemError(Errno(rawValue: -descriptor), "open it") }
    return OwnedFile(adopting: descriptor)
  }

  /// Creates something new by `make`, in place of whatever has the name.
  private func create(_ path: EntryPath, _ attributes: FileAttributes, isLink: Bool = false, _ make: (Int32, String) -> Int32) throws {
    let above = try vacate(path)
    guard make(above, path.name) == 0 else { throw SystemError(.last, "create it") }
    let made = try place(path.name, in: above)
    try attributes.apply(to: made.descriptor, isLink: isLink)
  }

  private func writeDevice(_ path: EntryPath, _ attributes: FileAttributes, _ kind: UInt32, _ number: UInt64) throws {
    // Only the machine's root can make devices; a container of others has its own /dev anyway.
    if !UserNamespace.isMachineRoot && !(kind == S_IFCHR && number == 0) { return }
    try create(path, attributes) { mknodat($0, $1, kind | 0o600, dev_t(number)) }
  }

  private func writeHardLink(_ path: EntryPath, to text: String, _ folder: EntryPath) throws {
    let target: EntryPath
    do { target = EntryPath(names: folder.names + (try EntryPath(text)).names) } catch let error as ImageError {
      throw ImageError(.badArchive, "it is a hard link to '\(text)': \(error.description)")
    }
    if target == path { return }
    let source: OwnedFile
    do { source = try OwnedFile(target.folder.relative, in: root, scope: scope, flags: [.place, .folder]) } catch {
      throw ImageError(.badArchive, "it is a hard link to '\(text)', which leads out or is not there")
    }
    let above = try vacate(path)
    if linkat(source.descriptor, target.name, above, path.name, 0) == 0 { return }
    if Errno.last == .noEntry { throw ImageError(.badArchive, "it is a hard link to '\(text)', which is not there") }
    throw SystemError(.last, "link it to '\(text)'")
  }

  private func writeFile(_ path: EntryPath, _ attributes: FileAttributes, size: Int64, _ reader: ArchiveReader) throws {
    let above = try vacate(path)
    let flags: OpenFlags = [.writeOnly, .create, .exclusive, .noFollow]
    let descriptor = clinux_open(above, path.name, flags.rawValue, 0o600)
    guard descriptor >= 0 else { throw SystemError(Errno(rawValue: -descriptor), "create it") }
    let file = OwnedFile(adopting: descriptor)
    var end: Int64 = 0
    try reader.forEachBlock { (block, offset) in
      try file.write(block, at: offset)
      end = offset + Int64(block.count)
    }
    // Sparse files end with a hole.
    if end < size, ftruncate(descriptor, off_t(size)) != 0 { throw SystemError(.last, "extend it") }
    try attributes.apply(to: descriptor, isLink: false)
  }

  /// Makes the name free and answers the folder it is in.
  private func vacate(_ path: EntryPath) throws -> Int32 {
    guard !path.isRoot else { throw ImageError(.badArchive, "it is the root, and not a folder") }
    let above = try folder(path.folder)
    var status = stat()
    guard fstatat(above, path.name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return above }
    try willReplace?(path.name, above, status, false)
    try FolderTree.remove(path.name, in: above)
    return above
  }
}
