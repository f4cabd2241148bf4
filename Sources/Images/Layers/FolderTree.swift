internal import Glibc
internal import Linux

/// A folder with everything in it.
enum FolderTree {
  /// Removes a name in an open folder, with everything below it; symbolic links are not followed. Says whether it was there.
  @discardableResult
  static func remove(_ name: String, in folder: Int32) throws -> Bool {
    if unlinkat(folder, name, 0) == 0 { return true }
    switch Errno.last {
    case .noEntry: return false
    case .isDirectory, .notPermitted: break
    default: throw SystemError(.last, "remove \(name)")
    }
    try empty(name, in: folder)
    guard unlinkat(folder, name, AT_REMOVEDIR) == 0 else { throw SystemError(.last, "remove \(name)") }
    return true
  }

  /// Removes what is at a path, with everything below it; says whether it was there.
  @discardableResult
  static func remove(_ path: String) throws -> Bool { try remove(path, in: AT_FDCWD) }

  private static func empty(_ name: String, in folder: Int32) throws {
    let inner = try DirectoryListing.open(name, in: folder)
    // Who is not root may have to be allowed to list and change a folder of its own.
    if geteuid() != 0 { fchmod(inner.descriptor, 0o700) }
    for entry in try DirectoryListing.names(in: inner) { try remove(entry, in: inner.descriptor) }
  }
}
