import Addresses
import Glibc
import HostRules
import Linux
import TestSupport

/// A connection to a `Server` from the namespace where it was made.
final class Client {
  private let descriptor: Int32

  /// Connects; nil if that does not succeed in time.
  init?(_ transport: TransportProtocol, _ address: IPAddress, _ port: UInt16, _ patience: Patience = .forAnswer) throws {
    let descriptor = try Server.open(transport, address.family)
    self.descriptor = descriptor
    patience.limit(descriptor)
    guard Server.with(address, port, { connect(descriptor, $0, $1) }) == 0 else { return nil }
  }

  deinit { close(descriptor) }

  /// The own address, as the server sees it; nil if it does not answer in time.
  func ask() -> String? {
    send(descriptor, "?", 1, Int32(MSG_NOSIGNAL))
    var answer = [UInt8](repeating: 0, count: 100)
    let count = recv(descriptor, &answer, answer.count, 0)
    return count > 0 ? String(decoding: answer[..<count], as: UTF8.self) : nil
  }
}
