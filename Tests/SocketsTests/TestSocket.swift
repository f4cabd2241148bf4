import Addresses
import Glibc
import Linux

/// A socket of the test's own, bound and, but for UDP, listening.
struct TestSocket: ~Copyable {
  let file: OwnedFile
  private let family: IPAddress.Family

  init(
    _ family: IPAddress.Family, _ transport: TransportProtocol, _ address: IPAddress?, _ port: UInt16, onlyIPv6: Bool = false
  ) throws {
    let type = transport == .udp ? SOCK_DGRAM : SOCK_STREAM
    let descriptor = socket(Int32(family.kernelNumber), Int32(type.rawValue | SOCK_CLOEXEC.rawValue), Int32(transport.number))
    self.file = OwnedFile(adopting: descriptor)
    self.family = family
    guard descriptor >= 0 else { throw SystemError(.last, "socket") }
    guard let address else { return }
    if family == .v6 {
      var value: Int32 = onlyIPv6 ? 1 : 0
      guard setsockopt(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &value, 4) == 0 else { throw SystemError(.last, "IPV6_V6ONLY") }
    }
    try call("bind", address, port, bind)
    if transport != .udp, listen(descriptor, 1) != 0 { throw SystemError(.last, "listen") }
  }

  /// Connects, so that only one peer's packets reach the socket.
  func connect(_ address: IPAddress, _ port: UInt16) throws { try call("connect", address, port, Glibc.connect) }

  /// Leaves the socket open until the descriptor is closed.
  consuming func release() -> Int32 { file.release() }

  private func call(
    _ name: String, _ address: IPAddress, _ port: UInt16, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws {
    var storage = [UInt8](repeating: 0, count: family == .v4 ? 16 : 28)
    storage.replaceSubrange(0..<2, with: withUnsafeBytes(of: UInt16(family.kernelNumber)) { Array($0) })
    storage.replaceSubrange(2..<4, with: [UInt8(port >> 8), UInt8(port & 255)])
    let start = family == .v4 ? 4 : 8
    storage.replaceSubrange(start..<(start + family.byteCount), with: address.bytes)
    let result = storage.withUnsafeBytes { bytes in
      bytes.baseAddress.map { body(file.descriptor, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count)) } ?? -1
    }
    guard result == 0 else { throw SystemError(.last, "\(name) \(address) port \(port)") }
  }
}
