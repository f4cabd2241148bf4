import Addresses
import CLinux
import NFTables

extension Packet {
  /// What is known beside the content, NFT_META_; bytes are nil where it is not known.
  func meta(_ key: UInt32) -> [UInt8?] {
    switch key {
    case NFT_META_PROTOCOL.rawValue: family == .v4 ? [0x08, 0x00] : [0x86, 0xDD]
    case NFT_META_MARK.rawValue: Packet.host(mark)
    case NFT_META_IIF.rawValue: Packet.host(UInt32(bitPattern: input?.index ?? 0))
    case NFT_META_OIF.rawValue: Packet.host(UInt32(bitPattern: output?.index ?? 0))
    case NFT_META_IIFNAME.rawValue: Packet.name(input)
    case NFT_META_OIFNAME.rawValue: Packet.name(output)
    case NFT_META_NFPROTO.rawValue: [family == .v4 ? UInt8(NFPROTO_IPV4) : UInt8(NFPROTO_IPV6)]
    case NFT_META_L4PROTO.rawValue: [protocolNumber]
    // PACKET_HOST: sent to this host by the link's own address.
    case NFT_META_PKTTYPE.rawValue: [0]
    default: [UInt8?](repeating: nil, count: 16)
    }
  }

  /// What connection tracking knows, NFT_CT_.
  func conntrack(_ key: UInt32) -> [UInt8?] {
    switch key {
    case NFT_CT_STATE.rawValue: Packet.host(state.rawValue)
    case NFT_CT_STATUS.rawValue: Packet.host(status)
    case NFT_CT_MARK.rawValue: Packet.host(connectionMark)
    case NFT_CT_DIRECTION.rawValue: [state.contains(.new) ? 0 : nil]
    default: [UInt8?](repeating: nil, count: 16)
    }
  }

  /// What the routing tables say, NFT_FIB_RESULT_.
  func routing(_ result: UInt32, _ flags: UInt32) -> [UInt8?] {
    let isSource = flags & NFTA_FIB_F_SADDR.rawValue != 0
    switch result {
    case NFT_FIB_RESULT_ADDRTYPE.rawValue: return Packet.host(addressType(isSource ? source : destination))
    // Whether there is a way back is looked at elsewhere, with the kernel's own answer: here it is taken for given.
    case _ where flags & NFTA_FIB_F_PRESENT.rawValue != 0: return [1]
    case NFT_FIB_RESULT_OIF.rawValue where isSource: return Packet.host(UInt32(bitPattern: input?.index ?? 0))
    case NFT_FIB_RESULT_OIFNAME.rawValue where isSource: return Packet.name(input)
    default: return [UInt8?](repeating: nil, count: 16)
    }
  }

  /// Whether a match of x_tables holds; nil if it cannot be told.
  func holds(_ match: PacketMatch) -> Bool? {
    switch match {
    case .states(let bits, let negated): return (state.rawValue & bits != 0) != negated
    case .status(let bits, let negated): return (status & bits != 0) != negated
    case .addressType(let source, let destination, let sourceNegated, let destinationNegated):
      let isRight = { (wanted: UInt16?, address: IPAddress, negated: Bool) in
        wanted.map { ($0 & 1 << UInt16(addressType(address)) != 0) != negated } ?? true
      }
      return isRight(source, self.source, sourceNegated) && isRight(destination, self.destination, destinationNegated)
    case .ports(let ports, let negated): return holds(ports) != negated
    case .flags(let mask, let compared, let negated):
      guard protocolNumber == 6 else { return false }
      return state.contains(.new) ? (0x02 & mask == compared) != negated : nil
    case .mark(let value, let mask, let negated): return (mark & mask == value) != negated
    case .connectionMark(let value, let mask, let negated): return (connectionMark & mask == value) != negated
    case .bridgePorts: return nil
    case .icmp: return protocolNumber == 1 || protocolNumber == 58 ? nil : false
    }
  }

  private func holds(_ ports: PacketMatch.Ports) -> Bool {
    switch ports {
    case .source(let ranges): ranges.contains { $0.contains(sourcePort) }
    case .destination(let ranges): ranges.contains { $0.contains(destinationPort) }
    case .either(let ranges): ranges.contains { $0.contains(sourcePort) || $0.contains(destinationPort) }
    }
  }

  /// A number in the machine's byte order.
  private static func host(_ number: UInt32) -> [UInt8?] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }

  /// A name, padded to sixteen bytes.
  private static func name(_ interface: Interface?) -> [UInt8?] {
    let name = Array((interface?.name ?? "").utf8.prefix(16))
    return (name + [UInt8](repeating: 0, count: 16 - name.count)) as [UInt8?]
  }
}
