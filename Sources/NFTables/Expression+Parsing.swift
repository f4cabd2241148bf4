import CLinux
import CNftnl

extension Expression {
  /// Reads an expression of a rule that libnftnl has parsed.
  init(_ source: OpaquePointer) {
    // libnftnl answers with pointers into the expression, which lives until the caller frees the rule; everything is copied here.
    let name = unsafe nftnl_expr_get_str(source, UInt16(NFTNL_EXPR_NAME)).map { unsafe String(cString: $0) } ?? ""
    self = unsafe Expression.read(name, source) ?? Expression.readStatement(name, source) ?? .other(name)
  }

  private static func read(_ name: String, _ source: OpaquePointer) -> Expression? {
    switch name {
    case "payload":
      guard unsafe source.has(NFTNL_EXPR_PAYLOAD_DREG), let header = unsafe Header(rawValue: source.number(NFTNL_EXPR_PAYLOAD_BASE)) else {
        return nil
      }
      return unsafe .payload(
        header, offset: source.number(NFTNL_EXPR_PAYLOAD_OFFSET), length: source.number(NFTNL_EXPR_PAYLOAD_LEN),
        into: source.register(NFTNL_EXPR_PAYLOAD_DREG))
    case "meta":
      guard let key = unsafe Meta(rawValue: source.number(NFTNL_EXPR_META_KEY)) else { return nil }
      if unsafe source.has(NFTNL_EXPR_META_DREG) { return unsafe .meta(key, into: source.register(NFTNL_EXPR_META_DREG)) }
      return key == .mark ? unsafe .setMark(from: source.register(NFTNL_EXPR_META_SREG)) : nil
    case "ct":
      guard unsafe source.has(NFTNL_EXPR_CT_DREG), let key = unsafe Conntrack(rawValue: source.number(NFTNL_EXPR_CT_KEY)) else {
        return nil
      }
      return unsafe .conntrack(key, into: source.register(NFTNL_EXPR_CT_DREG))
    case "fib":
      guard unsafe source.number(NFTNL_EXPR_FIB_RESULT) == UInt32(NFT_FIB_RESULT_ADDRTYPE.rawValue) else { return nil }
      let target = unsafe source.register(NFTNL_EXPR_FIB_DREG)
      switch unsafe source.number(NFTNL_EXPR_FIB_FLAGS) {
      case UInt32(NFTA_FIB_F_DADDR.rawValue): return .routing(.destinationType, into: target)
      case UInt32(NFTA_FIB_F_SADDR.rawValue): return .routing(.sourceType, into: target)
      default: return nil
      }
    case "immediate":
      let target = unsafe source.number(NFTNL_EXPR_IMM_DREG)
      if target != UInt32(NFT_REG_VERDICT.rawValue) {
        return unsafe .immediate(source.bytes(NFTNL_EXPR_IMM_DATA), into: Register(kernelNumber: target))
      }
      let chain = unsafe source.text(NFTNL_EXPR_IMM_CHAIN)
      return unsafe Verdict(kernelNumber: Int32(bitPattern: source.number(NFTNL_EXPR_IMM_VERDICT)), chain: chain).map { .verdict($0) }
    case "cmp":
      guard let comparison = unsafe Comparison(rawValue: source.number(NFTNL_EXPR_CMP_OP)) else { return nil }
      return unsafe .compare(source.register(NFTNL_EXPR_CMP_SREG), comparison, source.bytes(NFTNL_EXPR_CMP_DATA))
    case "range":
      return unsafe .range(
        source.register(NFTNL_EXPR_RANGE_SREG), source.bytes(NFTNL_EXPR_RANGE_FROM_DATA), source.bytes(NFTNL_EXPR_RANGE_TO_DATA),
        negated: source.number(NFTNL_EXPR_RANGE_OP) == UInt32(NFT_RANGE_NEQ.rawValue))
    case "bitwise":
      // Mask and xor come first; the name of the number has changed between kernels.
      guard unsafe source.number(NFTNL_EXPR_BITWISE_OP) < UInt32(NFT_BITWISE_LSHIFT.rawValue) else { return nil }
      return unsafe .bitwise(
        source.register(NFTNL_EXPR_BITWISE_SREG), mask: source.bytes(NFTNL_EXPR_BITWISE_MASK), xor: source.bytes(NFTNL_EXPR_BITWISE_XOR),
        into: source.register(NFTNL_EXPR_BITWISE_DREG))
    case "lookup":
      let register = unsafe source.register(NFTNL_EXPR_LOOKUP_SREG), set = unsafe source.text(NFTNL_EXPR_LOOKUP_SET) ?? ""
      guard unsafe source.has(NFTNL_EXPR_LOOKUP_DREG) else {
        return unsafe .lookup(register, set: set, negated: source.number(NFTNL_EXPR_LOOKUP_FLAGS) & UInt32(NFT_LOOKUP_F_INV.rawValue) != 0)
      }
      let target = unsafe source.number(NFTNL_EXPR_LOOKUP_DREG)
      if target == UInt32(NFT_REG_VERDICT.rawValue) { return .verdictMap(register, map: set) }
      return .map(register, map: set, into: Register(kernelNumber: target))
    default: return nil
    }
  }

  private static func readStatement(_ name: String, _ source: OpaquePointer) -> Expression? {
    switch name {
    case "counter":
      return unsafe .counter(
        Counter(
          packets: nftnl_expr_get_u64(source, UInt16(NFTNL_EXPR_CTR_PACKETS)),
          bytes: nftnl_expr_get_u64(source, UInt16(NFTNL_EXPR_CTR_BYTES))))
    case "limit":
      guard unsafe source.number(NFTNL_EXPR_LIMIT_TYPE) == UInt32(NFT_LIMIT_PKTS.rawValue) else { return nil }
      return unsafe .limit(
        rate: nftnl_expr_get_u64(source, UInt16(NFTNL_EXPR_LIMIT_RATE)), unit: nftnl_expr_get_u64(source, UInt16(NFTNL_EXPR_LIMIT_UNIT)),
        burst: source.number(NFTNL_EXPR_LIMIT_BURST), over: source.number(NFTNL_EXPR_LIMIT_FLAGS) & UInt32(NFT_LIMIT_F_INV.rawValue) != 0)
    case "log":
      let group = unsafe source.has(NFTNL_EXPR_LOG_GROUP) ? nftnl_expr_get_u16(source, UInt16(NFTNL_EXPR_LOG_GROUP)) : nil
      return unsafe .log(prefix: source.text(NFTNL_EXPR_LOG_PREFIX) ?? "", group: group)
    case "masq": return unsafe source.number(NFTNL_EXPR_MASQ_FLAGS) == 0 ? .masquerade : nil
    case "nat":
      let port = unsafe source.has(NFTNL_EXPR_NAT_REG_PROTO_MIN) ? source.register(NFTNL_EXPR_NAT_REG_PROTO_MIN) : nil
      guard unsafe source.has(NFTNL_EXPR_NAT_REG_ADDR_MIN) else { return nil }
      return unsafe .translate(
        destination: source.number(NFTNL_EXPR_NAT_TYPE) == UInt32(NFT_NAT_DNAT.rawValue),
        ipv6: source.number(NFTNL_EXPR_NAT_FAMILY) == UInt32(NFPROTO_IPV6),
        address: source.register(NFTNL_EXPR_NAT_REG_ADDR_MIN), port: port)
    case "reject":
      let kind = unsafe source.number(NFTNL_EXPR_REJECT_TYPE), code = unsafe nftnl_expr_get_u8(source, UInt16(NFTNL_EXPR_REJECT_CODE))
      if kind == UInt32(NFT_REJECT_TCP_RST.rawValue) { return .reject(.tcpReset) }
      guard kind == UInt32(NFT_REJECT_ICMPX_UNREACH.rawValue) else { return nil }
      switch UInt32(code) {
      case UInt32(NFT_REJECT_ICMPX_ADMIN_PROHIBITED.rawValue): return .reject(.prohibited)
      case UInt32(NFT_REJECT_ICMPX_PORT_UNREACH.rawValue): return .reject(.portUnreachable)
      default: return nil
      }
    default: return nil
    }
  }
}

extension OpaquePointer {
  fileprivate func has(_ attribute: Int) -> Bool { unsafe nftnl_expr_is_set(self, UInt16(attribute)) }

  fileprivate func number(_ attribute: Int) -> UInt32 { unsafe nftnl_expr_get_u32(self, UInt16(attribute)) }

  fileprivate func register(_ attribute: Int) -> Register { unsafe Register(kernelNumber: number(attribute)) }

  fileprivate func text(_ attribute: Int) -> String? {
    unsafe nftnl_expr_get_str(self, UInt16(attribute)).map { unsafe String(cString: $0) }
  }

  fileprivate func bytes(_ attribute: Int) -> [UInt8] {
    var length: UInt32 = 0
    guard let start = unsafe nftnl_expr_get(self, UInt16(attribute), &length) else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(length)))
  }
}
