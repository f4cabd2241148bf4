import CLinux
import Glibc

/// How a file is opened: the flags of open(2). O_CLOEXEC is always added.
public struct OpenFlags: OptionSet, Sendable {
  /// The kernel's bits.
  public let rawValue: Int32

  /// Makes flags of the kernel's bits.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// O_RDONLY
  public static let readOnly = OpenFlags([])
  /// O_WRONLY
  public static let writeOnly = OpenFlags(rawValue: O_WRONLY)
  /// O_RDWR
  public static let readWrite = OpenFlags(rawValue: O_RDWR)
  /// O_CREAT
  public static let create = OpenFlags(rawValue: O_CREAT)
  /// O_EXCL
  public static let exclusive = OpenFlags(rawValue: O_EXCL)
  /// O_TRUNC
  public static let truncate = OpenFlags(rawValue: O_TRUNC)
  /// O_APPEND
  public static let append = OpenFlags(rawValue: O_APPEND)
  /// O_NONBLOCK
  public static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
  /// O_NOFOLLOW
  public static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
  /// O_DIRECTORY
  public static let folder = OpenFlags(rawValue: O_DIRECTORY)
  /// O_PATH: a place in the file system that can be looked up from, not read.
  public static let place = OpenFlags(rawValue: clinux_o_path)
  /// O_TMPFILE: a file without a name in the folder that is opened.
  public static let unnamed = OpenFlags(rawValue: clinux_o_tmpfile)
}
