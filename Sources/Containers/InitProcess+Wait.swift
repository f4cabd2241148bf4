import CContainer
import Linux

extension InitProcess {
  /// Waits for the process's end: its exit status, or 128 + the signal that ended it.
  func wait() throws(ContainerError) -> Int32 {
    let status = cinit_wait(pidfd)
    guard status >= 0 else { throw .failed(Errno(rawValue: -status), "wait for process \(processID)") }
    return status
  }
}
