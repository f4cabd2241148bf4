import Addresses
import Glibc
import HostRules
import Linux

/// A connection to a `Server` from the namespace where it was made.
final class Client {
  private let descriptor: Int32

  /// Connects; nil if that does not succeed within half a second.
  init?(_ transport: TransportProtocol, _ address: IPAddress, _ port: UInt16) throws {
    let descriptor = try Server.open(transport, address.family)
    self.descriptor = descriptor
    var patience = timeval(tv_sec: 0, tv_usec: 500_000)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
    }
    guard Server.with(address, port, { connect(descriptor, $0, $1) }) == 0 else { return nil }
  }

  deinit { close(descriptor) }

  /// The own address, as the server sees it; nil if it does not answer within half a second.
  func ask() -> String? {
    send(descriptor, "?", 1, Int32(MSG_NOSIGNAL))
    var answer = [UInt8](repeating: 0, count: 100)
    let count = recv(descriptor, &answer, answer.count, 0)
    return count > 0 ? String(decoding: answer[..<count], as: UTF8.self) : nil
  }
}
