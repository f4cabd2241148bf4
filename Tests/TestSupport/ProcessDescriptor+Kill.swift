import Glibc
public import Linux

extension ProcessDescriptor {
  /// Kills a process, and returns when it has ended: kill(2) alone returns while it still holds its locks and ports.
  public static func kill(_ process: Int32) throws {
    guard let descriptor = try ProcessDescriptor(process) else { throw Command.Failure(description: "process \(process) has ended") }
    Glibc.kill(process, SIGKILL)
    guard try descriptor.waitForEnd(until: Deadline(milliseconds: 60_000)) else {
      throw Command.Failure(description: "process \(process) survives SIGKILL")
    }
  }
}
