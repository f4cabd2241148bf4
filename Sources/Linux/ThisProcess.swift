import CLinux
import Glibc

/// The process that calls.
public enum ThisProcess {
  /// Its process ID.
  public static var id: Int32 { getpid() }

  /// Opens /dev/null in place of each standard descriptor that is closed. Otherwise the next file or socket gets its number, and what is
  /// printed goes there.
  public static func openStandardDescriptors() throws(SystemError) {
    try checked(clinux_open_standard_descriptors(), "open /dev/null")
  }
}
