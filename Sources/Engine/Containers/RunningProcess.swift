internal import CLinux
internal import Glibc
internal import Linux

/// A pidfd of a process that was identified after it had been opened.
struct RunningProcess: ~Copyable {
  private let file: OwnedFile

  /// Opens a process; nil if it has ended.
  init?(_ identity: ProcessIdentity) throws(SystemError) {
    let descriptor = identity.processID > 0 ? clinux_open_process(identity.processID) : -ESRCH
    let isRight = descriptor >= 0 && identity.isRunning
    file = OwnedFile(adopting: descriptor)
    guard descriptor >= 0 || descriptor == -ESRCH else {
      throw SystemError(Errno(rawValue: -descriptor), "open process \(identity.processID)")
    }
    if !isRight { return nil }
  }

  /// Readable when the process has ended.
  var descriptor: Int32 { file.descriptor }

  /// Sends a signal; a process that has ended meanwhile needs none.
  func send(_ signal: Int32) throws(SystemError) {
    let outcome = clinux_signal_process(file.descriptor, signal)
    guard outcome == 0 || outcome == -ESRCH else { throw SystemError(Errno(rawValue: -outcome), "send signal \(signal)") }
  }
}
