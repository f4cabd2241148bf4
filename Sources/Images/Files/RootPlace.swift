internal import Glibc
internal import Linux

/// A name in a folder of a container's root, found as the container would find it.
struct RootPlace: ~Copyable {
  let folder: OwnedFile
  let name: String

  init(folder: consuming OwnedFile, name: String) {
    self.folder = folder
    self.name = name
  }

  /// Finds the folder of a relative path's last name, which need not be there. A symbolic link there is followed by hand if it is to be, as the
  /// folder of its target is not known otherwise.
  init(_ path: String, in root: borrowing ContainerRoot, follows: Bool) throws {
    var path = path
    for _ in 0..<40 {
      let above = FileSystem.folder(of: path), name = String(path.split(separator: "/").last ?? ".")
      let folder = try OwnedFile(above, in: root.file, scope: .inRoot, flags: [.readOnly, .folder])
      var status = stat()
      let isThere = fstatat(folder.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0
      guard follows, isThere, status.st_mode & S_IFMT == S_IFLNK else {
        self.init(folder: folder, name: name)
        return
      }
      let target = try FileSystem.target(ofLink: "/proc/self/fd/\(folder.descriptor)/\(name)")
      path = target.hasPrefix("/") ? "./\(target)" : "\(above)/\(target)"
    }
    throw SystemError(.tooManyLinks, "open \(path)")
  }
}
