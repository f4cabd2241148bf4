public import Addresses
import CLinux
public import Netlink

/// An address on an interface: RTM_NEWADDR, `linux/if_addr.h`.
public struct InterfaceAddress: Hashable, Sendable {
  /// The address and the length of its network's prefix.
  public var address: Subnet
  /// The interface's number.
  public var linkIndex: Int32
  /// RT_SCOPE_: 0 global, 253 link, 254 host.
  public var scope: UInt8
  /// The IFA_F_ bits: permanent, tentative, dadfailed…
  public var flags: UInt32

  /// Describes an address with global scope.
  public init(_ address: Subnet, linkIndex: Int32, flags: UInt32 = 0) {
    self.address = address
    self.linkIndex = linkIndex
    self.scope = UInt8(RT_SCOPE_UNIVERSE.rawValue)
    self.flags = flags
  }

  /// Whether duplicate address detection has not finished yet (IFA_F_TENTATIVE), RFC 4862.
  public var isTentative: Bool { flags & UInt32(IFA_F_TENTATIVE) != 0 }

  /// Whether somebody else has the address (IFA_F_DADFAILED).
  public var isDuplicate: Bool { flags & UInt32(IFA_F_DADFAILED) != 0 }

  /// Reads the payload of an RTM_NEWADDR or RTM_DELADDR message; nil if it is none.
  public init?(payload: RawSpan) {
    guard let header = payload.load(ifaddrmsg.self) else { return nil }
    var local: IPAddress?, prefix: IPAddress?, flags = UInt32(header.ifa_flags)
    payload.forEachAttribute(after: MemoryLayout<ifaddrmsg>.size) { type, content in
      switch type {
      case IFA_LOCAL: local = IPAddress(bytes: content.array)
      case IFA_ADDRESS: prefix = IPAddress(bytes: content.array)
      case IFA_FLAGS: flags = content.load() ?? flags
      default: break
      }
    }
    // On point-to-point interfaces IFA_ADDRESS is the peer's; everywhere else both are the same.
    guard let address = local ?? prefix, let subnet = Subnet(address, prefixLength: Int(header.ifa_prefixlen)) else { return nil }
    self.address = subnet
    self.linkIndex = Int32(bitPattern: header.ifa_index)
    self.scope = header.ifa_scope
    self.flags = flags
  }
}

extension NetlinkMessage {
  /// Adds an address to an interface. `withoutDetection` makes an IPv6 address usable at once, without duplicate address detection (IFA_F_NODAD).
  public static func newAddress(_ address: InterfaceAddress, withoutDetection: Bool = false) -> NetlinkMessage {
    var message = request(RTM_NEWADDR, [.create, .exclusive], address, "add address \(address.address)")
    if withoutDetection && address.address.family == .v6 { message.attribute(IFA_FLAGS, address.flags | UInt32(IFA_F_NODAD)) }
    if address.address.family == .v4 && address.address.prefixLength < 31 {
      message.attribute(IFA_BROADCAST, bytes: address.address.lastAddress.bytes)
    }
    return message
  }

  /// Removes an address from an interface.
  public static func deleteAddress(_ address: InterfaceAddress) -> NetlinkMessage {
    request(RTM_DELADDR, [], address, "remove address \(address.address)")
  }

  private static func request(_ type: Int, _ flags: NetlinkFlags, _ address: InterfaceAddress, _ operation: String) -> NetlinkMessage {
    var message = NetlinkMessage(type, flags, operation: operation)
    let subnet = address.address
    message.append(
      ifaddrmsg(
        ifa_family: subnet.family.kernelNumber, ifa_prefixlen: UInt8(subnet.prefixLength), ifa_flags: 0, ifa_scope: address.scope,
        ifa_index: UInt32(bitPattern: address.linkIndex)))
    message.attribute(IFA_LOCAL, bytes: subnet.address.bytes)
    message.attribute(IFA_ADDRESS, bytes: subnet.address.bytes)
    return message
  }
}

extension RouteSocket {
  /// The addresses of one interface, or of all.
  public mutating func addresses(linkIndex: Int32? = nil, family: IPAddress.Family? = nil) throws(NetlinkError) -> [InterfaceAddress] {
    var message = NetlinkMessage(RTM_GETADDR, .dump, operation: "list addresses")
    message.append(
      ifaddrmsg(
        ifa_family: family?.kernelNumber ?? 0, ifa_prefixlen: 0, ifa_flags: 0, ifa_scope: 0, ifa_index: UInt32(bitPattern: linkIndex ?? 0)))
    return try socket.dump(message) { (_, payload) throws(NetlinkError) in InterfaceAddress(payload: payload) }
  }
}
