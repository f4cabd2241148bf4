public import Addresses
import Glibc
public import Linux

/// One live attempt to reach a port.
public enum Probe {
  /// What it brought.
  public enum Result: Hashable, Sendable {
    /// A TCP connection came about.
    case connected
    /// A datagram, or an echo, was answered.
    case answered
    /// A datagram was sent, and nobody complained in a second.
    case silence
    /// Nobody answered.
    case timedOut
    /// An error came back.
    case failed(Errno)
    /// It could not be made, and why.
    case notMade(String)

    /// Whether it proves that the way there and back works.
    public var isProof: Bool { self == .connected || self == .answered }
  }

  /// Connects from the calling thread's namespace, or sends a datagram, and waits at most so long.
  public static func attempt(
    _ transport: TransportProtocol, to address: IPAddress, _ port: UInt16, from source: IPAddress? = nil, milliseconds: Int32 = 3000
  ) -> Result {
    let kind = transport == .udp ? SOCK_DGRAM : SOCK_STREAM
    let number = transport == .sctp ? Int32(transport.number) : 0
    let descriptor = socket(
      Int32(address.family.kernelNumber), Int32(kind.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), number)
    guard descriptor >= 0 else { return .notMade("\(Errno.last)") }
    let file = OwnedFile(adopting: descriptor)
    if let source { _ = SocketAddress(source, 0).use { bind(file.descriptor, $0, $1) } }
    let status = SocketAddress(address, port).use { connect(file.descriptor, $0, $1) }
    if status != 0, Errno.last.rawValue != EINPROGRESS { return .failed(Errno.last) }
    if transport == .udp { return datagram(file.descriptor) }
    if status == 0 { return .connected }
    var wait = pollfd(fd: file.descriptor, events: Int16(POLLOUT), revents: 0)
    guard poll(&wait, 1, milliseconds) > 0 else { return .timedOut }
    var code: Int32 = 0, length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(file.descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
    return code == 0 ? .connected : .failed(Errno(rawValue: code))
  }

  /// An ICMP error comes back as the socket's error.
  private static func datagram(_ descriptor: Int32) -> Result {
    guard send(descriptor, "\n", 1, Int32(truncatingIfNeeded: Int(MSG_NOSIGNAL))) == 1 else { return .failed(Errno.last) }
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&wait, 1, 1000) > 0 else { return .silence }
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, 0) >= 0 ? .answered : .failed(Errno.last)
  }

  /// Sends an ICMP echo of a size that may not be cut into fragments, and waits at most so long for the answer. `size` counts the IP header.
  public static func echo(to address: IPAddress, size: Int, milliseconds: Int32 = 1000) -> Result {
    let isIPv6 = address.family == .v6
    let number = Int32(isIPv6 ? 58 : 1)
    let family = Int32(address.family.kernelNumber), flags = Int32(SOCK_CLOEXEC.rawValue)
    // Root may always; others where ping_group_range lets them.
    var descriptor = socket(family, Int32(SOCK_DGRAM.rawValue) | flags, number)
    let isRaw = descriptor < 0
    if isRaw { descriptor = socket(family, Int32(SOCK_RAW.rawValue) | flags, number) }
    guard descriptor >= 0 else { return .notMade("\(Errno.last)") }
    let file = OwnedFile(adopting: descriptor)
    // IP_MTU_DISCOVER and IPV6_MTU_DISCOVER with PROBE: never cut, whatever the route says.
    var probe: Int32 = 3
    setsockopt(file.descriptor, Int32(isIPv6 ? IPPROTO_IPV6 : IPPROTO_IP), isIPv6 ? 23 : 10, &probe, 4)
    guard SocketAddress(address, 0).use({ connect(file.descriptor, $0, $1) }) == 0 else { return .failed(Errno.last) }
    var message = [UInt8](repeating: 0, count: max(8, size - (isIPv6 ? 40 : 20)))
    message[0] = isIPv6 ? 128 : 8
    (message[4], message[5], message[7]) = (0x6E, 0x63, 1)
    if !isIPv6 {
      let sum = stride(from: 0, to: message.count, by: 2).reduce(UInt32(0)) { sum, position in
        sum + (UInt32(message[position]) << 8 | (position + 1 < message.count ? UInt32(message[position + 1]) : 0))
      }
      let folded = (sum & 0xFFFF) + (sum >> 16), checksum = ~UInt16(truncatingIfNeeded: folded + (folded >> 16))
      (message[2], message[3]) = (UInt8(checksum >> 8), UInt8(checksum & 0xFF))
    }
    guard send(file.descriptor, message, message.count, 0) == message.count else { return .failed(Errno.last) }
    let deadline = Deadline(milliseconds: milliseconds)
    while deadline.remaining > 0 {
      var wait = pollfd(fd: file.descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, deadline.remaining) > 0 else { break }
      var answer = [UInt8](repeating: 0, count: 65_536)
      let count = recv(file.descriptor, &answer, answer.count, 0)
      if count < 0 { return .failed(Errno.last) }
      let start = isRaw && !isIPv6 ? Int(answer[0] & 0x0F) * 4 : 0
      if count > start, answer[start] == (isIPv6 ? 129 : 0) { return .answered }
    }
    return .timedOut
  }
}

/// An address and a port as the system calls want them.
private struct SocketAddress {
  private let address: IPAddress
  private let port: UInt16

  init(_ address: IPAddress, _ port: UInt16) {
    self.address = address
    self.port = port
  }

  func use(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    if address.family == .v4 {
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = port.bigEndian
      name.sin_addr.s_addr = UInt32(address.value).bigEndian
      return withUnsafePointer(to: &name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
      }
    }
    var name = sockaddr_in6()
    name.sin6_family = sa_family_t(AF_INET6)
    name.sin6_port = port.bigEndian
    withUnsafeMutableBytes(of: &name.sin6_addr) { $0.copyBytes(from: address.bytes) }
    return withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in6>.size)) }
    }
  }
}
