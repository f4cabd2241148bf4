import Addresses
import CLinux
import Netlink

extension Connection {
  /// Reads what follows the header of an IPCTNL_MSG_CT_NEW message; nil for a family that is neither IPv4 nor IPv6, or a damaged message.
  package init?(_ payload: RawSpan) {
    var original: ConnectionTuple?, reply: ConnectionTuple?
    var status = Status(), timeout: UInt32?, mark: UInt32 = 0, zone: UInt16 = 0, identifier: UInt32 = 0, name: [UInt8] = []
    payload.forEachAttribute(after: MemoryLayout<nfgenmsg>.size) { type, content in
      switch type {
      case Int(CTA_TUPLE_ORIG.rawValue):
        original = ConnectionTuple(content)
        name = content.array
      case Int(CTA_TUPLE_REPLY.rawValue): reply = ConnectionTuple(content)
      case Int(CTA_STATUS.rawValue): status = Status(rawValue: content.bigEndian(UInt32.self))
      case Int(CTA_TIMEOUT.rawValue): timeout = content.bigEndian(UInt32.self)
      case Int(CTA_MARK.rawValue): mark = content.bigEndian(UInt32.self)
      case Int(CTA_ZONE.rawValue): zone = content.bigEndian(UInt16.self)
      case Int(CTA_ID.rawValue): identifier = content.bigEndian(UInt32.self)
      default: break
      }
    }
    guard let original, let reply else { return nil }
    self.init(
      original: original, reply: reply, status: status, timeout: timeout, mark: mark, zone: zone, identifier: identifier, name: name)
  }
}

extension ConnectionTuple {
  /// Reads the attributes of CTA_TUPLE_ORIG or CTA_TUPLE_REPLY.
  fileprivate init?(_ content: RawSpan) {
    var source: IPAddress?, destination: IPAddress?, number: UInt8?, sourcePort: UInt16 = 0, destinationPort: UInt16 = 0
    content.forEachAttribute { part, content in
      content.forEachAttribute { type, value in
        switch (part, type) {
        case (Int(CTA_TUPLE_IP.rawValue), Int(CTA_IP_V4_SRC.rawValue)), (Int(CTA_TUPLE_IP.rawValue), Int(CTA_IP_V6_SRC.rawValue)):
          source = IPAddress(bytes: value.array)
        case (Int(CTA_TUPLE_IP.rawValue), Int(CTA_IP_V4_DST.rawValue)), (Int(CTA_TUPLE_IP.rawValue), Int(CTA_IP_V6_DST.rawValue)):
          destination = IPAddress(bytes: value.array)
        case (Int(CTA_TUPLE_PROTO.rawValue), Int(CTA_PROTO_NUM.rawValue)): number = value.load(UInt8.self)
        case (Int(CTA_TUPLE_PROTO.rawValue), Int(CTA_PROTO_SRC_PORT.rawValue)): sourcePort = value.bigEndian(UInt16.self)
        case (Int(CTA_TUPLE_PROTO.rawValue), Int(CTA_PROTO_DST_PORT.rawValue)): destinationPort = value.bigEndian(UInt16.self)
        default: break
        }
      }
    }
    guard let source, let destination, let number else { return nil }
    self.init(from: source, sourcePort, to: destination, destinationPort, protocolNumber: number)
  }
}

extension RawSpan {
  /// A number in network byte order; 0 if the bytes are too few.
  fileprivate func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(_ type: Value.Type) -> Value { Value(bigEndian: load(type) ?? 0) }
}
