import Addresses
import CLinux
import Netlink

/// The bits of CTA_FILTER_ORIG_FLAGS and CTA_FILTER_REPLY_FLAGS: which fields of the tuple count. The kernel keeps their names to itself
/// (`CTA_FILTER_F_*` in `net/netfilter/nf_internals.h`), the numbers are its interface.
private enum FilterFlag {
  static let source: UInt32 = 1 << 0
  static let destination: UInt32 = 1 << 1
  static let transport: UInt32 = 1 << 3
  static let sourcePort: UInt32 = 1 << 4
  static let destinationPort: UInt32 = 1 << 5
}

extension NetlinkMessage {
  /// A dump of the connections that the kernel can pick by the filter, or of all of the filter's family. More than the filter means may come.
  init(listing filter: ConnectionFilter, inKernel: Bool, operation: String) {
    self.init(conntrack: IPCTNL_MSG_CT_GET, .dump, filter.family, operation: operation)
    guard inKernel else { return }
    var filter = filter
    if filter.family == .v6 {
      (filter.original.source, filter.original.destination) = (nil, nil)
      (filter.reply.source, filter.reply.destination) = (nil, nil)
    }
    append(filter)
  }

  /// The removal of all connections that the filter means; nil where the kernel's idea of the filter differs from ours.
  ///
  /// Seen on Linux 6.18 (`ctnetlink_filter_match_tuple`): an IPv6 address in a filter means all addresses but this one, and ports are
  /// compared for TCP and UDP only, so an SCTP port would mean every SCTP connection.
  init?(removing filter: ConnectionFilter) {
    if filter.original.hasPorts || filter.reply.hasPorts, filter.transport != .tcp && filter.transport != .udp { return nil }
    if filter.original.hasAddress || filter.reply.hasAddress, filter.family == .v6 { return nil }
    self.init(conntrack: IPCTNL_MSG_CT_DELETE, [], filter.family, operation: "remove \(filter)")
    append(filter)
  }

  /// The removal of this very connection.
  init(removing connection: Connection) {
    self.init(conntrack: IPCTNL_MSG_CT_DELETE, [], connection.original.family, operation: "remove \(connection)")
    attribute(UInt32(NLA_F_NESTED) | CTA_TUPLE_ORIG.rawValue, bytes: connection.name)
    attribute(CTA_ID.rawValue, connection.identifier.bigEndian)
    if connection.zone != 0 { attribute(CTA_ZONE.rawValue, connection.zone.bigEndian) }
  }

  private init(conntrack type: cntl_msg_types, _ flags: NetlinkFlags, _ family: IPAddress.Family, operation: String) {
    self.init(UInt32(NFNL_SUBSYS_CTNETLINK) << 8 | type.rawValue, flags, operation: operation)
    // Version 1: a flush keeps to the family (0 is what old programs send to flush all families).
    append(nfgenmsg(nfgen_family: family.kernelNumber, version: 1, res_id: 0))
  }

  private mutating func append(_ filter: ConnectionFilter) {
    let number = filter.transport?.number
    // A protocol alone is asked of the original direction; both directions have the same.
    let original = filter.original.flags(number), reply = filter.reply.isEmpty ? 0 : filter.reply.flags(number)
    if original != 0 { nest(CTA_TUPLE_ORIG.rawValue) { $0.append(filter.original, protocolNumber: number) } }
    if reply != 0 { nest(CTA_TUPLE_REPLY.rawValue) { $0.append(filter.reply, protocolNumber: number) } }
    if !filter.having.isEmpty || !filter.lacking.isEmpty {
      attribute(CTA_STATUS.rawValue, filter.having.rawValue.bigEndian)
      attribute(CTA_STATUS_MASK.rawValue, filter.having.union(filter.lacking).rawValue.bigEndian)
    }
    guard original != 0 || reply != 0 else { return }
    nest(CTA_FILTER.rawValue) {
      $0.attribute(CTA_FILTER_ORIG_FLAGS.rawValue, original)
      $0.attribute(CTA_FILTER_REPLY_FLAGS.rawValue, reply)
    }
  }

  private mutating func append(_ direction: ConnectionFilter.Direction, protocolNumber: UInt8?) {
    nest(CTA_TUPLE_IP.rawValue) { nest in
      for (address, v4, v6) in [
        (direction.source, CTA_IP_V4_SRC, CTA_IP_V6_SRC), (direction.destination, CTA_IP_V4_DST, CTA_IP_V6_DST),
      ] {
        if let address { nest.attribute(address.family == .v4 ? v4.rawValue : v6.rawValue, bytes: address.bytes) }
      }
    }
    guard let protocolNumber else { return }
    nest(CTA_TUPLE_PROTO.rawValue) {
      $0.attribute(CTA_PROTO_NUM.rawValue, protocolNumber)
      if let port = direction.sourcePort { $0.attribute(CTA_PROTO_SRC_PORT.rawValue, port.bigEndian) }
      if let port = direction.destinationPort { $0.attribute(CTA_PROTO_DST_PORT.rawValue, port.bigEndian) }
    }
  }
}

extension ConnectionFilter.Direction {
  /// The kernel's bits for the fields asked for. Ports count only together with a protocol.
  fileprivate func flags(_ protocolNumber: UInt8?) -> UInt32 {
    var flags: UInt32 = 0
    if source != nil { flags |= FilterFlag.source }
    if destination != nil { flags |= FilterFlag.destination }
    guard protocolNumber != nil else { return flags }
    flags |= FilterFlag.transport
    if sourcePort != nil { flags |= FilterFlag.sourcePort }
    if destinationPort != nil { flags |= FilterFlag.destinationPort }
    return flags
  }
}
