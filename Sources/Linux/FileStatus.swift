import Glibc

/// What stat(2) tells about a file.
public struct FileStatus: Equatable, Sendable {
  /// A time of the file system's clock.
  public struct Time: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01 00:00 UTC.
    public let seconds: Int
    /// 0…999 999 999; file systems with coarser times round down.
    public let nanoseconds: Int

    /// Joins seconds and nanoseconds.
    public init(seconds: Int, nanoseconds: Int) {
      self.seconds = seconds
      self.nanoseconds = nanoseconds
    }

    /// Earlier before later.
    public static func < (left: Time, right: Time) -> Bool { (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds) }
  }

  /// Device and inode number.
  public let identity: FileIdentity
  /// The length of the content in bytes.
  public let size: Int
  /// The number of names the file has; 0 once all of them are removed.
  public let nameCount: UInt64
  /// When the content last changed: for a folder, when a name was last added or removed. Anybody may set it.
  public let contentChange: Time
  /// When the content or the inode last changed; only the kernel sets it.
  public let inodeChange: Time

  init(_ status: stat) {
    identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    size = Int(status.st_size)
    nameCount = UInt64(status.st_nlink)
    contentChange = Time(seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
    inodeChange = Time(seconds: status.st_ctim.tv_sec, nanoseconds: status.st_ctim.tv_nsec)
  }
}
