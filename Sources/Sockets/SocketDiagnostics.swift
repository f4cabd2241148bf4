public import Addresses
import CLinux
import Glibc
import Linux
public import Netlink

/// The sockets of one network namespace, as the kernel's socket diagnostics tell them (sock_diag(7)).
public struct SocketDiagnostics: ~Copyable {
  private var socket: NetlinkSocket

  /// Opens the diagnostics of the calling thread's network namespace. No privilege is needed.
  public init() throws(NetlinkError) { socket = try NetlinkSocket(.socketDiagnostics) }

  /// Who waits on any of the ports, at any address; everybody if no ports are given. None where the kernel has no such protocol.
  ///
  /// The kernel compares the state and the ports; what is not wanted never leaves it.
  public mutating func listeners(
    _ transport: TransportProtocol, ports: [ClosedRange<UInt16>] = [0...UInt16.max]
  ) throws(NetlinkError) -> [Listener] {
    guard !ports.isEmpty else { return [] }
    let conditions = PortConditions(ports)
    var listeners: [Listener] = []
    for family in IPAddress.Family.allCases {
      let message = NetlinkMessage(listeners: transport, family, conditions)
      do {
        listeners += try socket.dump(message) { (_, payload) throws(NetlinkError) in
          guard let listener = Listener(payload, transport), conditions.contain(listener.port) else { return nil }
          return listener
        }
      } catch {
        // No module answers for the protocol, so nothing can use it.
        if error.code != .noEntry { throw error }
      }
    }
    return listeners
  }
}

extension NetlinkMessage {
  /// A dump of a protocol's listening sockets.
  fileprivate init(listeners transport: TransportProtocol, _ family: IPAddress.Family, _ conditions: PortConditions) {
    self.init(SOCK_DIAG_BY_FAMILY, .dump, operation: "list \(transport) listeners")
    var request = inet_diag_req_v2()
    request.sdiag_family = family.kernelNumber
    request.sdiag_protocol = transport.number
    // The kernel keeps UDP sockets that are bound but not connected in the state TCP_CLOSE.
    request.idiag_states = 1 << UInt32(transport == .udp ? TCP_CLOSE : TCP_LISTEN)
    append(request)
    if let program = conditions.program { attribute(INET_DIAG_REQ_BYTECODE, bytes: program) }
  }
}

extension Listener {
  /// Reads an inet_diag_msg and its attributes; nil for a socket that has no port yet, or a damaged message.
  fileprivate init?(_ payload: RawSpan, _ transport: TransportProtocol) {
    guard let message = payload.load(inet_diag_msg.self), let family = IPAddress.Family(kernelNumber: message.idiag_family)
    else { return nil }
    let start = MemoryLayout.offset(of: \inet_diag_msg.id.idiag_src) ?? 0
    let port = UInt16(bigEndian: message.id.idiag_sport)
    guard port != 0, var address = IPAddress(bytes: payload.extracting(start..<(start + family.byteCount)).array) else { return nil }
    if address.isIPv4Mapped { address = IPAddress(.v4, address.value & UInt128(UInt32.max)) }
    var takesIPv4 = false
    payload.forEachAttribute(after: MemoryLayout<inet_diag_msg>.size) { type, content in
      if type == Int(INET_DIAG_SKV6ONLY) { takesIPv4 = content.load(UInt8.self) == 0 }
    }
    self.init(
      address: address, port: port, transport: transport, takesIPv4: takesIPv4 && family == .v6 && address.isUnspecified,
      interface: message.id.idiag_if, inode: message.idiag_inode, user: message.idiag_uid)
  }
}
