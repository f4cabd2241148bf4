/// A name in a folder, readdir(3).
public struct FolderEntry: Hashable, Sendable {
  /// The name, without the folder's path.
  public let name: String
  /// The number of the file in its file system. Stacked file systems may tell another one than stat(2) does.
  public let inode: UInt64
}
