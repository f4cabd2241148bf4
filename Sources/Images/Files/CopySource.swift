internal import Glibc
internal import Linux

/// What is to be copied.
struct CopySource: ~Copyable {
  /// The path as it was given.
  let path: String
  /// Whether it is a folder.
  let isFolder: Bool
  /// Whether only what is in the folder is meant: `folder/.`, or the root.
  let isContent: Bool
  /// Its last name, for a target that is a folder; "." if only the content is meant.
  let ownName: String
  private let place: RootPlace

  /// Finds a path in a root. `follows` means a symbolic link at its end too; a slash there does so as well.
  init(_ path: String, in root: borrowing ContainerRoot, follows: Bool) throws {
    let names = path.split(separator: "/")
    let isContent = names.isEmpty || path.hasSuffix("/.") || path == "."
    let mustBeFolder = isContent || path.hasSuffix("/")
    let ownName = isContent ? "." : String(names.last { $0 != "." } ?? ".")
    guard ownName != ".." else { throw ImageError(.path, "the source '\(path)' must not end with '..'") }
    let relative = "./" + names.joined(separator: "/")
    let file = try CopySource.open(relative, path, in: root, follows: follows || mustBeFolder)
    var status = stat()
    guard fstat(file.descriptor, &status) == 0 else { throw SystemError(.last, "look at \(path)") }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    guard isFolder || !mustBeFolder else { throw ImageError(.path, "the source '\(path)' is not a directory") }
    let place = try CopySource.place(of: file, isFolder: isFolder, relative, in: root, follows: follows)
    self.path = path
    self.isFolder = isFolder
    self.isContent = isContent
    self.ownName = ownName
    self.place = place
  }

  private static func open(_ relative: String, _ path: String, in root: borrowing ContainerRoot, follows: Bool) throws -> OwnedFile {
    do { return try OwnedFile(relative, in: root.file, scope: .inRoot, flags: follows ? [.place] : [.place, .noFollow]) } catch {
      if error.code == .noEntry { throw ImageError(.path, "Could not find the file \(path)") }
      throw SystemError(error.code, "open \(path)")
    }
  }

  private static func place(
    of file: borrowing OwnedFile, isFolder: Bool, _ path: String, in root: borrowing ContainerRoot, follows: Bool
  ) throws -> RootPlace {
    guard isFolder else { return try RootPlace(path, in: root, follows: follows) }
    return RootPlace(folder: try OwnedFile(".", in: file, flags: [.readOnly, .folder]), name: ".")
  }

  /// Packs it under a name; the content of a folder without one if the name is ".".
  func pack(into packer: TreePacker, as name: String) throws {
    if isFolder && name == "." { return try packer.addContent(of: place.folder) }
    try packer.add(place.name, in: place.folder.descriptor, as: name)
  }
}
