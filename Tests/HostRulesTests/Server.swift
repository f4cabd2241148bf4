import Addresses
import Foundation
import Glibc
import HostRules
import Linux

/// A server in the namespace where it was made: it tells each client the client's address, and again whenever the client says something. It
/// ends with its owner.
final class Server: Sendable {
  private let descriptor: Int32

  init(_ transport: TransportProtocol, _ port: UInt16, _ family: IPAddress.Family) throws {
    let descriptor = try Server.open(transport, family)
    self.descriptor = descriptor
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    if family == .v6 { setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, 4) }
    let any = IPAddress(family, 0)
    guard Server.with(any, port, { bind(descriptor, $0, $1) }) == 0 else { throw SystemError(.last, "bind \(port)") }
    if transport != .udp, listen(descriptor, 16) != 0 { throw SystemError(.last, "listen") }
    Thread { transport == .udp ? Server.answerDatagrams(descriptor) : Server.answerConnections(descriptor) }.start()
  }

  /// Wakes the thread up, which closes the socket.
  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

  static func open(_ transport: TransportProtocol, _ family: IPAddress.Family) throws -> Int32 {
    let kind = transport == .udp ? SOCK_DGRAM.rawValue : SOCK_STREAM.rawValue
    let descriptor = socket(Int32(family.kernelNumber), Int32(kind | SOCK_CLOEXEC.rawValue), Int32(transport.number))
    guard descriptor >= 0 else { throw SystemError(.last, "open a socket for \(transport.rawValue)") }
    return descriptor
  }

  private static func answerConnections(_ descriptor: Int32) {
    var peer = sockaddr_storage(), length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    while true {
      length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let client = withUnsafeMutableBytes(of: &peer) { accept(descriptor, $0.bindMemory(to: sockaddr.self).baseAddress, &length) }
      if client < 0 && errno == EINTR { continue }
      if client < 0 { break }
      let answer = text(peer)
      Thread {
        var byte: UInt8 = 0
        while recv(client, &byte, 1, 0) == 1 { send(client, answer, answer.utf8.count, Int32(MSG_NOSIGNAL)) }
        close(client)
      }.start()
    }
    close(descriptor)
  }

  private static func answerDatagrams(_ descriptor: Int32) {
    var peer = sockaddr_storage(), byte: UInt8 = 0
    while true {
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let count = withUnsafeMutableBytes(of: &peer) {
        recvfrom(descriptor, &byte, 1, 0, $0.bindMemory(to: sockaddr.self).baseAddress, &length)
      }
      if count <= 0 { break }
      let text = text(peer)
      _ = withUnsafeBytes(of: &peer) {
        sendto(descriptor, text, text.utf8.count, 0, $0.bindMemory(to: sockaddr.self).baseAddress, length)
      }
    }
    close(descriptor)
  }

  private static func text(_ peer: sockaddr_storage) -> String {
    withUnsafeBytes(of: peer) { bytes in
      let address = peer.ss_family == sa_family_t(AF_INET) ? IPAddress(bytes: bytes[4..<8]) : IPAddress(bytes: bytes[8..<24])
      return address?.description ?? "?"
    }
  }

  static func with<Result>(
    _ address: IPAddress, _ port: UInt16, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result
  ) -> Result {
    // sockaddr_in is family, port, address; sockaddr_in6 has four bytes of flow information before the address, and the zone after it.
    let size = address.family == .v4 ? 16 : 28
    let head = Swift.withUnsafeBytes(of: sa_family_t(address.family.kernelNumber)) { Array($0) } + [UInt8(port >> 8), UInt8(port & 0xFF)]
    var bytes = head + (address.family == .v6 ? [0, 0, 0, 0] : []) + address.bytes
    bytes += [UInt8](repeating: 0, count: size - bytes.count)
    return bytes.withUnsafeBytes { body($0.bindMemory(to: sockaddr.self).baseAddress, socklen_t(size)) }
  }
}
