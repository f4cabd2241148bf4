public import Addresses
import CLinux
import Glibc
public import Linux

/// Measures the way to another host: by ICMP echo, which every host answers, and by UDP to a port where nobody listens. Needs root.
///
/// Nothing is needed at the other end, so it works with any peer.
public struct PathProbe: ~Copyable {
  private let target: IPAddress
  private let socket: OwnedFile
  private let identifier = UInt16.random(in: 1...0xFFFF)
  private var sequence: UInt16 = 0

  /// Prepares to probe a host.
  public init(_ target: IPAddress) throws(SystemError) {
    self.target = target
    let family = Int32(target.family.kernelNumber)
    let number = target.family == .v4 ? Int32(IPPROTO_ICMP) : Int32(IPPROTO_ICMPV6)
    let descriptor = Glibc.socket(family, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), number)
    guard descriptor >= 0 else { throw SystemError(.last, "open a socket for probes") }
    socket = OwnedFile(adopting: descriptor)
    // IP_PMTUDISC_PROBE, IPV6_PMTUDISC_PROBE: never fragmented, and sent whatever is known of the path.
    var probe: Int32 = 3
    let (level, option) = target.family == .v4 ? (Int32(IPPROTO_IP), Int32(10)) : (Int32(IPPROTO_IPV6), Int32(23))
    setsockopt(descriptor, level, option, &probe, socklen_t(MemoryLayout<Int32>.size))
    var room: Int32 = 4 << 20
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
  }

  /// How long a packet of so many bytes, IP header included, takes there and back, in nanoseconds; nil if no answer came in time.
  public mutating func roundTrip(packetSize: Int = 84, milliseconds: Int32 = 1000) -> Int64? {
    let stopwatch = Stopwatch()
    guard send(packetSize) else { return nil }
    let deadline = Deadline(milliseconds: milliseconds)
    // Answers to earlier packets may be late.
    while let answer = receive(deadline) {
      if answer == sequence { return stopwatch.nanoseconds }
    }
    return nil
  }

  /// The largest packet, IP header included, that gets there in one piece, up to `most` bytes; nil if none gets there.
  public mutating func largestPacket(upTo most: Int) -> Int? {
    guard roundTrip() != nil else { return nil }
    // A lost packet is not too large a packet.
    for _ in 0..<3 where roundTrip(packetSize: most, milliseconds: 300) != nil { return most }
    var fits = target.family == .v4 ? 84 : 104, failing = most
    while failing - fits > 1 {
      let middle = (fits + failing) / 2
      let arrives = roundTrip(packetSize: middle, milliseconds: 300) != nil || roundTrip(packetSize: middle, milliseconds: 300) != nil
      if arrives { fits = middle } else { failing = middle }
    }
    return fits
  }

  /// How many bits a second pass, estimated from the distance at which the answers to packets sent all at once come back; nil if too few do.
  public mutating func throughput(packetSize: Int, count: Int = 400) -> Double? {
    let stopwatch = Stopwatch()
    for _ in 0..<count { _ = send(packetSize) }
    var first: Int64?, last: Int64 = 0, arrived = 0
    let deadline = Deadline(milliseconds: 1000)
    while arrived < count, receive(deadline) != nil {
      last = stopwatch.nanoseconds
      if first == nil { first = last }
      arrived += 1
    }
    guard let first, arrived > count / 2, last > first else { return nil }
    return Double((arrived - 1) * packetSize * 8) / Double(last - first) * 1e9
  }

  /// Whether UDP packets arrive with a right checksum: the other host then says that nobody listens at the port. Nil if that cannot be told,
  /// because it answers nothing at all.
  ///
  /// The kernel leaves these checksums to the network card, and echo requests it does not; so with a card that gets them wrong echo works and
  /// UDP does not.
  public mutating func checksumsArrive(tries: Int = 3) -> Bool? {
    for _ in 0..<tries where isRefused() { return true }
    return roundTrip() == nil ? nil : false
  }

  /// Whether a packet to a port where nobody listens is answered so.
  private func isRefused() -> Bool {
    let datagrams = OwnedFile(
      adopting: Glibc.socket(Int32(target.family.kernelNumber), Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0))
    let isConnected = withAddress(port: 9) { connect(datagrams.descriptor, $0, $1) == 0 }
    let content = [UInt8](repeating: 0x5A, count: 64)
    guard isConnected, Glibc.send(datagrams.descriptor, content, content.count, 0) == content.count else { return false }
    var wait = pollfd(fd: datagrams.descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&wait, 1, 1100) > 0 else { return false }
    var byte: UInt8 = 0
    return recv(datagrams.descriptor, &byte, 1, Int32(MSG_DONTWAIT)) < 0 && errno == ECONNREFUSED
  }

  private mutating func send(_ packetSize: Int) -> Bool {
    sequence &+= 1
    let header = target.family == .v4 ? 20 : 40
    var packet = [UInt8](repeating: 0x5A, count: max(8, packetSize - header))
    packet.replaceSubrange(
      0..<8,
      with: [
        target.family == .v4 ? 8 : 128, 0, 0, 0, UInt8(identifier >> 8), UInt8(identifier & 0xFF), UInt8(sequence >> 8),
        UInt8(sequence & 0xFF),
      ])
    if target.family == .v4 {
      let sum = PathProbe.checksum(packet)
      packet[2] = UInt8(sum >> 8)
      packet[3] = UInt8(sum & 0xFF)
    }
    return withAddress(port: 0) { sendto(socket.descriptor, packet, packet.count, 0, $0, $1) == packet.count }
  }

  /// The sequence number of the next answer to one of ours; nil if none comes in time.
  private func receive(_ deadline: Deadline) -> UInt16? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      var wait = pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, deadline.remaining) > 0 else { return nil }
      let count = recv(socket.descriptor, &buffer, buffer.count, 0)
      // Raw sockets of IPv4 show the IP header, whose length is in its first byte.
      let start = target.family == .v4 ? Int(buffer[0] & 15) * 4 : 0
      guard count >= start + 8, buffer[start] == (target.family == .v4 ? 0 : 129),
        UInt16(buffer[start + 4]) << 8 | UInt16(buffer[start + 5]) == identifier
      else { continue }
      return UInt16(buffer[start + 6]) << 8 | UInt16(buffer[start + 7])
    }
  }

  private func withAddress<Result>(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    switch target.family {
    case .v4:
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = port.bigEndian
      withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: target.bytes) }
      return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
      }
    case .v6:
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      address.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: target.bytes) }
      return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in6>.size)) }
      }
    }
  }

  /// RFC 1071.
  private static func checksum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for position in stride(from: 0, to: bytes.count, by: 2) {
      sum += UInt32(bytes[position]) << 8 | (position + 1 < bytes.count ? UInt32(bytes[position + 1]) : 0)
    }
    while sum >> 16 != 0 { sum = sum & 0xFFFF + sum >> 16 }
    return ~UInt16(sum)
  }
}
