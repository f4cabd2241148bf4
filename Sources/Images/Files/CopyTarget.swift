internal import Glibc
internal import Linux

/// Where something is copied to.
struct CopyTarget: ~Copyable {
  /// The path as it was given.
  let path: String
  /// Whether it is there and is a folder.
  let isFolder: Bool
  private let isThere: Bool
  private let relative: String
  private let root: ContainerRoot

  /// Finds a path in a root, symbolic links followed.
  init(_ path: String, in root: borrowing ContainerRoot) throws {
    let names = path.split(separator: "/").filter { $0 != "." }, relative = "./" + names.joined(separator: "/")
    let status = try CopyTarget.status(relative, path, in: root), again = try ContainerRoot(again: root)
    self.path = path
    self.relative = relative
    isThere = status != nil
    isFolder = status.map { $0.st_mode & S_IFMT == S_IFDIR } ?? false
    self.root = again
  }

  private static func status(_ relative: String, _ path: String, in root: borrowing ContainerRoot) throws -> stat? {
    var status = stat()
    do {
      let file = try OwnedFile(relative, in: root.file, scope: .inRoot, flags: [.place])
      guard fstat(file.descriptor, &status) == 0 else { throw SystemError(.last, "look at \(path)") }
      return status
    } catch let error as SystemError where error.code == .noEntry || error.code == .notDirectory { return nil }
  }

  /// The folder that is written into, and the name that the source gets there; "." if its content goes into the folder.
  func place(for source: borrowing CopySource) throws -> RootPlace {
    if isFolder {
      let folder = try OwnedFile(relative, in: root.file, scope: .inRoot, flags: [.place, .folder])
      return RootPlace(folder: folder, name: source.isContent ? "." : source.ownName)
    }
    let wantsFolder = path.hasSuffix("/") || path.hasSuffix("/.")
    if isThere {
      if source.isFolder { throw ImageError(.path, "cannot copy a directory to the file '\(path)'") }
      if wantsFolder { throw ImageError(.path, "the destination '\(path)' is not a directory") }
    } else if !source.isFolder && wantsFolder {
      throw ImageError(.path, "the destination directory '\(path)' must exist")
    }
    let place: RootPlace
    do { place = try RootPlace(relative, in: root, follows: true) } catch let error as SystemError where error.code == .noEntry {
      throw ImageError(.path, "the destination's parent directory '\(FileSystem.folder(of: path))' does not exist")
    }
    guard place.name != ".." else { throw ImageError(.path, "the destination '\(path)' must not end with '..'") }
    return place
  }
}
