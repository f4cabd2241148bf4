import CLinux
import CNftnl

// libnftnl's objects are made, filled and given away in one function each; nobody else sees the pointers.
extension Expression {
  /// The expression as libnftnl keeps it; the caller gives it to a rule, which frees it. Nil for `other`.
  func lowered() -> OpaquePointer? {
    switch self {
    case .payload(let header, let offset, let length, let target):
      return unsafe make("payload") {
        unsafe $0.set(NFTNL_EXPR_PAYLOAD_DREG, target.kernelNumber)
        unsafe $0.set(NFTNL_EXPR_PAYLOAD_BASE, header.rawValue)
        unsafe $0.set(NFTNL_EXPR_PAYLOAD_OFFSET, offset)
        unsafe $0.set(NFTNL_EXPR_PAYLOAD_LEN, length)
      }
    case .meta(let key, let target):
      return unsafe make("meta") {
        unsafe $0.set(NFTNL_EXPR_META_KEY, key.rawValue)
        unsafe $0.set(NFTNL_EXPR_META_DREG, target.kernelNumber)
      }
    case .setMark(let source):
      return unsafe make("meta") {
        unsafe $0.set(NFTNL_EXPR_META_KEY, Meta.mark.rawValue)
        unsafe $0.set(NFTNL_EXPR_META_SREG, source.kernelNumber)
      }
    case .setTrace(let source):
      return unsafe make("meta") {
        unsafe $0.set(NFTNL_EXPR_META_KEY, NFT_META_NFTRACE.rawValue)
        unsafe $0.set(NFTNL_EXPR_META_SREG, source.kernelNumber)
      }
    case .conntrack(let key, let target):
      return unsafe make("ct") {
        unsafe $0.set(NFTNL_EXPR_CT_KEY, key.rawValue)
        unsafe $0.set(NFTNL_EXPR_CT_DREG, target.kernelNumber)
      }
    case .routing(let result, let target):
      return unsafe make("fib") {
        unsafe $0.set(NFTNL_EXPR_FIB_RESULT, UInt32(NFT_FIB_RESULT_ADDRTYPE.rawValue))
        unsafe $0.set(NFTNL_EXPR_FIB_FLAGS, result == .destinationType ? NFTA_FIB_F_DADDR.rawValue : NFTA_FIB_F_SADDR.rawValue)
        unsafe $0.set(NFTNL_EXPR_FIB_DREG, target.kernelNumber)
      }
    case .immediate(let value, let target):
      return unsafe make("immediate") {
        unsafe $0.set(NFTNL_EXPR_IMM_DREG, target.kernelNumber)
        unsafe $0.set(NFTNL_EXPR_IMM_DATA, value)
      }
    case .compare(let register, let comparison, let value):
      return unsafe make("cmp") {
        unsafe $0.set(NFTNL_EXPR_CMP_SREG, register.kernelNumber)
        unsafe $0.set(NFTNL_EXPR_CMP_OP, comparison.rawValue)
        unsafe $0.set(NFTNL_EXPR_CMP_DATA, value)
      }
    case .range(let register, let first, let last, let negated):
      return unsafe make("range") {
        unsafe $0.set(NFTNL_EXPR_RANGE_SREG, register.kernelNumber)
        unsafe $0.set(NFTNL_EXPR_RANGE_OP, negated ? NFT_RANGE_NEQ.rawValue : NFT_RANGE_EQ.rawValue)
        unsafe $0.set(NFTNL_EXPR_RANGE_FROM_DATA, first)
        unsafe $0.set(NFTNL_EXPR_RANGE_TO_DATA, last)
      }
    case .bitwise(let source, let mask, let xor, let target):
      return unsafe make("bitwise") {
        unsafe $0.set(NFTNL_EXPR_BITWISE_SREG, source.kernelNumber)
        unsafe $0.set(NFTNL_EXPR_BITWISE_DREG, target.kernelNumber)
        unsafe $0.set(NFTNL_EXPR_BITWISE_LEN, UInt32(mask.count))
        unsafe $0.set(NFTNL_EXPR_BITWISE_MASK, mask)
        unsafe $0.set(NFTNL_EXPR_BITWISE_XOR, xor)
      }
    case .lookup(let register, let set, let negated): return unsafe lookup(register, set, into: nil, negated: negated)
    case .map(let register, let map, let target): return unsafe lookup(register, map, into: target.kernelNumber, negated: false)
    case .verdictMap(let register, let map):
      return unsafe lookup(register, map, into: UInt32(NFT_REG_VERDICT.rawValue), negated: false)
    default: return unsafe loweredStatement()
    }
  }

  private func loweredStatement() -> OpaquePointer? {
    switch self {
    case .counter(let counter):
      return unsafe make("counter") {
        unsafe nftnl_expr_set_u64($0, UInt16(NFTNL_EXPR_CTR_PACKETS), counter.packets)
        unsafe nftnl_expr_set_u64($0, UInt16(NFTNL_EXPR_CTR_BYTES), counter.bytes)
      }
    case .limit(let rate, let unit, let burst, let over):
      return unsafe make("limit") {
        unsafe nftnl_expr_set_u64($0, UInt16(NFTNL_EXPR_LIMIT_RATE), rate)
        unsafe nftnl_expr_set_u64($0, UInt16(NFTNL_EXPR_LIMIT_UNIT), unit)
        unsafe $0.set(NFTNL_EXPR_LIMIT_BURST, burst)
        unsafe $0.set(NFTNL_EXPR_LIMIT_TYPE, UInt32(NFT_LIMIT_PKTS.rawValue))
        unsafe $0.set(NFTNL_EXPR_LIMIT_FLAGS, over ? UInt32(NFT_LIMIT_F_INV.rawValue) : 0)
      }
    case .log(let prefix, let group):
      return unsafe make("log") {
        unsafe _ = nftnl_expr_set_str($0, UInt16(NFTNL_EXPR_LOG_PREFIX), prefix)
        if let group { unsafe nftnl_expr_set_u16($0, UInt16(NFTNL_EXPR_LOG_GROUP), group) }
      }
    case .masquerade: return unsafe make("masq") { _ in }
    case .translate(let destination, let ipv6, let address, let port):
      return unsafe make("nat") {
        unsafe $0.set(NFTNL_EXPR_NAT_TYPE, destination ? UInt32(NFT_NAT_DNAT.rawValue) : UInt32(NFT_NAT_SNAT.rawValue))
        unsafe $0.set(NFTNL_EXPR_NAT_FAMILY, UInt32(ipv6 ? NFPROTO_IPV6 : NFPROTO_IPV4))
        unsafe $0.set(NFTNL_EXPR_NAT_REG_ADDR_MIN, address.kernelNumber)
        if let port { unsafe $0.set(NFTNL_EXPR_NAT_REG_PROTO_MIN, port.kernelNumber) }
      }
    case .reject(let rejection):
      let kind = rejection == .tcpReset ? NFT_REJECT_TCP_RST : NFT_REJECT_ICMPX_UNREACH
      let code = rejection == .prohibited ? NFT_REJECT_ICMPX_ADMIN_PROHIBITED : NFT_REJECT_ICMPX_PORT_UNREACH
      return unsafe make("reject") {
        unsafe $0.set(NFTNL_EXPR_REJECT_TYPE, UInt32(kind.rawValue))
        unsafe nftnl_expr_set_u8($0, UInt16(NFTNL_EXPR_REJECT_CODE), rejection == .tcpReset ? 0 : UInt8(code.rawValue))
      }
    case .verdict(let verdict):
      return unsafe make("immediate") {
        unsafe $0.set(NFTNL_EXPR_IMM_DREG, UInt32(NFT_REG_VERDICT.rawValue))
        unsafe $0.set(NFTNL_EXPR_IMM_VERDICT, UInt32(bitPattern: verdict.kernelNumber))
        if let chain = verdict.chain { unsafe _ = nftnl_expr_set_str($0, UInt16(NFTNL_EXPR_IMM_CHAIN), chain) }
      }
    default: return nil
    }
  }

  private func make(_ name: String, _ fill: (OpaquePointer) -> Void) -> OpaquePointer? {
    guard let expression = unsafe nftnl_expr_alloc(name) else { return nil }
    unsafe fill(expression)
    return unsafe expression
  }

  private func lookup(_ register: Register, _ set: String, into target: UInt32?, negated: Bool) -> OpaquePointer? {
    unsafe make("lookup") {
      unsafe $0.set(NFTNL_EXPR_LOOKUP_SREG, register.kernelNumber)
      unsafe _ = nftnl_expr_set_str($0, UInt16(NFTNL_EXPR_LOOKUP_SET), set)
      if let target { unsafe $0.set(NFTNL_EXPR_LOOKUP_DREG, target) }
      if negated { unsafe $0.set(NFTNL_EXPR_LOOKUP_FLAGS, UInt32(NFT_LOOKUP_F_INV.rawValue)) }
    }
  }
}

extension OpaquePointer {
  /// Sets an attribute of a libnftnl expression to a number.
  fileprivate func set(_ attribute: Int, _ value: UInt32) { unsafe nftnl_expr_set_u32(self, UInt16(attribute), value) }

  /// Sets an attribute of a libnftnl expression to bytes, which libnftnl copies.
  fileprivate func set(_ attribute: Int, _ value: [UInt8]) {
    unsafe _ = nftnl_expr_set(self, UInt16(attribute), value, UInt32(value.count))
  }
}
