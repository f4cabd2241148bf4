import CLinux
import Glibc

/// A process that cannot be mistaken for another one that gets its number later, pidfd_open(2).
public struct ProcessDescriptor: ~Copyable {
  /// Readable for poll(2) and epoll(7) when the process has ended.
  public let file: OwnedFile

  /// Opens a process; nil if there is none with this number.
  public init?(_ process: Int32) throws(SystemError) {
    let descriptor = clinux_open_process(process)
    if descriptor == -ESRCH { return nil }
    file = OwnedFile(adopting: try checked(descriptor, "open process \(process)"))
  }

  /// Waits until the process has ended; false if it still lives at the deadline.
  public func waitForEnd(until deadline: Deadline) throws(SystemError) -> Bool { try file.wait(for: Int16(POLLIN), until: deadline) }
}
