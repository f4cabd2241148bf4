import Glibc

extension OwnedFile {
  /// Waits for events of poll(2), such as POLLIN or POLLPRI; false if none came before the deadline.
  public func wait(for events: Int16, until deadline: Deadline) throws(SystemError) -> Bool {
    var request = pollfd(fd: descriptor, events: events, revents: 0)
    while true {
      let count = unsafe poll(&request, 1, deadline.remaining)
      if count > 0 { return true }
      if count == 0 { return false }
      guard Errno.last == .interrupted else { throw SystemError(.last, "wait") }
    }
  }

  /// Goes back to the start of the file, so that the next read begins there.
  public func rewind() throws(SystemError) {
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw SystemError(.last, "rewind") }
  }
}
