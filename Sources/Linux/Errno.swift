import Glibc

/// An error number of the kernel, errno(3).
public struct Errno: RawRepresentable, Hashable, Sendable {
  /// The positive number.
  public let rawValue: Int32

  /// Makes an error number of a positive value.
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// The number that the last failed library call on this thread left behind.
  public static var last: Errno { Errno(rawValue: errno) }

  /// EPERM
  public static let notPermitted = Errno(rawValue: EPERM)
  /// ENOENT
  public static let noEntry = Errno(rawValue: ENOENT)
  /// EINTR
  public static let interrupted = Errno(rawValue: EINTR)
  /// EIO
  public static let inputOutput = Errno(rawValue: EIO)
  /// EAGAIN
  public static let tryAgain = Errno(rawValue: EAGAIN)
  /// ENOMEM
  public static let noMemory = Errno(rawValue: ENOMEM)
  /// EACCES
  public static let accessDenied = Errno(rawValue: EACCES)
  /// EBUSY
  public static let busy = Errno(rawValue: EBUSY)
  /// ETXTBSY
  public static let textBusy = Errno(rawValue: ETXTBSY)
  /// EEXIST
  public static let exists = Errno(rawValue: EEXIST)
  /// EXDEV
  public static let otherDevice = Errno(rawValue: EXDEV)
  /// ENODEV
  public static let noDevice = Errno(rawValue: ENODEV)
  /// ENOTDIR
  public static let notDirectory = Errno(rawValue: ENOTDIR)
  /// EISDIR
  public static let isDirectory = Errno(rawValue: EISDIR)
  /// EINVAL
  public static let invalid = Errno(rawValue: EINVAL)
  /// ENOSPC
  public static let noSpace = Errno(rawValue: ENOSPC)
  /// EROFS
  public static let readOnly = Errno(rawValue: EROFS)
  /// ERANGE
  public static let outOfRange = Errno(rawValue: ERANGE)
  /// ENOTEMPTY
  public static let notEmpty = Errno(rawValue: ENOTEMPTY)
  /// ELOOP
  public static let tooManyLinks = Errno(rawValue: ELOOP)
  /// EFBIG
  public static let fileTooBig = Errno(rawValue: EFBIG)
  /// ENXIO
  public static let noDeviceOrAddress = Errno(rawValue: ENXIO)
  /// EOPNOTSUPP
  public static let notSupported = Errno(rawValue: EOPNOTSUPP)
  /// EAFNOSUPPORT
  public static let familyNotSupported = Errno(rawValue: EAFNOSUPPORT)
  /// EADDRNOTAVAIL
  public static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
  /// EADDRINUSE
  public static let addressInUse = Errno(rawValue: EADDRINUSE)
  /// ENETUNREACH
  public static let networkUnreachable = Errno(rawValue: ENETUNREACH)
  /// EHOSTUNREACH
  public static let hostUnreachable = Errno(rawValue: EHOSTUNREACH)
  /// ENOBUFS
  public static let noBuffers = Errno(rawValue: ENOBUFS)
  /// EMSGSIZE
  public static let messageTooLong = Errno(rawValue: EMSGSIZE)
  /// ESRCH
  public static let noProcess = Errno(rawValue: ESRCH)
  /// ETIMEDOUT
  public static let timedOut = Errno(rawValue: ETIMEDOUT)
  /// EBADMSG
  public static let badMessage = Errno(rawValue: EBADMSG)
  /// ERESTART, which nf_tables answers when the ruleset has changed since it was read.
  public static let restart = Errno(rawValue: 85)
}

extension Errno: CustomStringConvertible {
  /// The C library's words for the number: "No such file or directory".
  public var description: String {
    // strerror returns a pointer that is valid until the next call, and is copied here at once.
    unsafe strerror(rawValue).map { unsafe String(cString: $0) } ?? "error \(rawValue)"
  }
}
