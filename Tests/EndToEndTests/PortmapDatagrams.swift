import Glibc
import Linux
import TestSupport

/// A UDP socket that stays open: its packets keep one source port, so that they belong to one tracked connection.
final class PortmapDatagrams {
  private let file: OwnedFile

  /// Opens a socket of a namespace, nil for the test's own, bound to a port of all addresses; with 0 the kernel chooses.
  init(in namespace: TestNamespace?, port: UInt16 = 0, family: Int32 = AF_INET) throws {
    let open = { socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }
    file = OwnedFile(adopting: try namespace.map { try $0.run(open) } ?? open())
    try PortmapDatagrams.withAddress(family == AF_INET ? "0.0.0.0" : "::", port) { bind(file.descriptor, $0, $1) }
  }

  /// Sends one datagram.
  func send(to address: String, _ port: UInt16) throws {
    try PortmapDatagrams.withAddress(address, port) { sendto(file.descriptor, "x", 1, 0, $0, $1) < 0 ? -1 : 0 }
  }

  /// Whether a datagram comes; answers it.
  func receives(_ patience: Patience = .forAnswer) -> Bool {
    patience.limit(file.descriptor)
    var peer = sockaddr_storage(), length = socklen_t(MemoryLayout<sockaddr_storage>.size), byte: UInt8 = 0
    return withUnsafeMutablePointer(to: &peer) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
        recvfrom(file.descriptor, &byte, 1, 0, peer, &length) == 1 && sendto(file.descriptor, "y", 1, 0, peer, length) == 1
      }
    }
  }

  private static func withAddress(_ text: String, _ port: UInt16, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32) throws {
    var hints = addrinfo(), found: UnsafeMutablePointer<addrinfo>?
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    guard getaddrinfo(text, "\(port)", &hints, &found) == 0, let found else { throw SystemError(.invalid, "parse \(text)") }
    defer { freeaddrinfo(found) }
    guard use(found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else { throw SystemError(.last, "use \(text) port \(port)") }
  }
}
