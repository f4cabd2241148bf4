import Glibc

/// How long a test waits for a packet from another namespace of the same machine.
public enum Patience: Int, Sendable {
  /// It must come, however busy the machine is; the limit is there so that a broken test ends, in milliseconds.
  case forAnswer = 60_000
  /// It must not come. Too short a wait would make the test blind, never fail.
  case forSilence = 500

  /// Limits everything that sends and receives on a socket, also the establishment of a connection.
  public func limit(_ socket: Int32) {
    var time = timeval(tv_sec: rawValue / 1000, tv_usec: rawValue % 1000 * 1000)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] { setsockopt(socket, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size)) }
  }
}
