internal import CLinux
internal import Glibc
internal import Linux

/// A pidfd of a process that was identified after it had been opened.
struct RunningProcess: ~Copyable {
  private let file: OwnedFile

  /// Opens a process; nil if it has ended.
  init?(_ identity: ProcessIdentity) throws(SystemError) {
    guard identity.processID > 0 else { return nil }
    let descriptor = clinux_open_process(identity.processID)
    if descriptor == -ESRCH { return nil }
    guard descriptor >= 0 else { throw SystemError(Errno(rawValue: -descriptor), "open process \(identity.processID)") }
    file = OwnedFile(adopting: descriptor)
    guard identity.isRunning else { return nil }
  }

  /// Readable when the process has ended.
  var descriptor: Int32 { file.descriptor }

  /// Sends a signal; a process that has ended meanwhile needs none.
  func send(_ signal: Int32) throws(SystemError) {
    let outcome = clinux_signal_process(file.descriptor, signal)
    guard outcome == 0 || outcome == -ESRCH else { throw SystemError(Errno(rawValue: -outcome), "send signal \(signal)") }
  }
}
