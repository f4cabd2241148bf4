internal import Glibc
internal import Linux

/// `docker cp`, as its manual has it: what lies where, and what trailing slashes and `/.` mean.
extension ContainerRoot {
  /// Copies a file or a folder into `target` of the machine as `docker cp CONTAINER:source target` does. Answers how long its archive would be.
  @discardableResult
  public func copyOut(_ source: String, to target: String, options: CopyOptions = []) throws -> Int64 {
    let machine = try ContainerRoot.ofMachine()
    return try ContainerRoot.copy(
      CopySource(source, in: self, follows: options.contains(.followsLink)), to: CopyTarget(ContainerRoot.absolute(target), in: machine),
      options,
      owner: (geteuid(), getegid()))
  }

  /// Writes a file or a folder to a descriptor as a tar archive: `docker cp CONTAINER:source -`.
  public func copyOut(_ source: String, toArchive descriptor: Int32, options: CopyOptions = []) throws {
    let source = try CopySource(source, in: self, follows: options.contains(.followsLink))
    let output = try ContainerRoot.archive(descriptor)
    try source.pack(into: TreePacker(output, .plain), as: source.ownName)
    try output.finish()
  }

  /// Copies a file or a folder of the machine to `target` as `docker cp source CONTAINER:target` does. Answers how long its archive would be.
  @discardableResult
  public func copyIn(_ source: String, to target: String, options: CopyOptions = []) throws -> Int64 {
    let machine = try ContainerRoot.ofMachine()
    return try ContainerRoot.copy(
      CopySource(ContainerRoot.absolute(source), in: machine, follows: options.contains(.followsLink)), to: CopyTarget(target, in: self),
      options,
      owner: (0, 0))
  }

  /// Unpacks a tar archive into the folder `target`, which must exist: `docker cp - CONTAINER:target`. Names are looked up as the container
  /// would, so a link to a folder leads where it leads for the container.
  public func copyIn(fromArchive descriptor: Int32, to target: String, options: CopyOptions = []) throws {
    let target = try CopyTarget(target, in: self)
    guard target.isFolder else { throw ImageError(.path, "destination '\(target.path)' must be a directory") }
    // What the target's own path leads to is settled by the lookup of each name, in the container's root.
    let prefix = try EntryPath(String(target.path.drop { $0 == "/" })), writer = TreeWriter(try again(), links: .inRoot)
    writer.willReplace = ContainerRoot.refuseOtherKind
    let reader = try ArchiveReader(FileSource(borrowing: descriptor), .compressedTar)
    while let entry = try reader.next() {
      let name = try entry.name()
      do { try writer.write(entry, at: EntryPath(names: prefix.names + EntryPath(name).names), data: reader, linksBelow: prefix) } catch {
        throw (error as? ImageError).map { ImageError(.badArchive, "entry '\(name)': \($0.description)") }
          ?? SystemErrors.naming(name, error)
      }
    }
    try writer.finish()
  }

  private static func copy(
    _ source: borrowing CopySource, to target: borrowing CopyTarget, _ options: CopyOptions, owner: (user: UInt32, group: UInt32)
  ) throws -> Int64 {
    let place = try target.place(for: source), name = place.name
    let spool = try Spool.archive { try source.pack(into: TreePacker($0, .plain), as: name) }, size = try spool.size()
    let folder = try OwnedFile(".", in: place.folder, flags: [.place, .folder])
    let writer = TreeWriter(folder, links: .beneath, owner: options.contains(.keepsOwners) ? nil : owner)
    writer.willReplace = refuseOtherKind
    let reader = try ArchiveReader(spool, .tar)
    while let entry = try reader.next() {
      let name = try entry.name()
      do { try writer.write(entry, at: EntryPath(name), data: reader) } catch {
        throw (error as? ImageError).map { ImageError(.path, "'\(name)': \($0.description)") } ?? SystemErrors.naming(name, error)
      }
    }
    try writer.finish()
    return size
  }

  /// A folder replaces nothing but a folder, and nothing else replaces one.
  private static func refuseOtherKind(_ name: String, _ folder: Int32, _ status: stat, byFolder: Bool) throws {
    if byFolder { throw ImageError(.path, "cannot overwrite a non-directory with a directory") }
    if status.st_mode & S_IFMT == S_IFDIR { throw ImageError(.path, "cannot overwrite a directory with a non-directory") }
  }

  /// The root once more.
  func again() throws -> OwnedFile { try OwnedFile(".", in: file, flags: [.place, .folder]) }

  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return "\(String(cString: folder))/\(path)"
  }
}
