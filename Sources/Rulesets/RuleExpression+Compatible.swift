extension RuleExpression {
  /// Reads a match. Layouts: `xt_conntrack.h`, `xt_state.h`, `xt_addrtype.h`, `xt_tcpudp.h`, `xt_multiport.h`, `xt_mark.h`, `xt_physdev.h`.
  static func compatibleMatch(_ name: String, revision: UInt32, _ content: CompatibleContent) -> RuleExpression {
    switch name {
    case "comment": return .note(content.text(0, 256))
    case "state": return .match(.states(content.word(0), negated: false))
    case "conntrack" where revision >= 1: return conntrack(content)
    case "addrtype": return addressType(revision, content)
    case "tcp", "udp", "sctp", "udplite": return ports(name, content)
    case "multiport": return multiport(revision, content)
    case "mark": return .match(.mark(content.word(0), mask: content.word(4), negated: content.byte(8) != 0))
    case "connmark": return .match(.connectionMark(content.word(0), mask: content.word(4), negated: content.byte(8) != 0))
    case "physdev" where content.byte(64) == 0:
      let input = content.text(0, 16), output = content.text(32, 16)
      // IN, OUT; the other questions (is it bridged at all) are not read.
      guard content.byte(65) & ~3 == 0 else { return .opaque(name) }
      return .match(.bridgePorts(input: input.isEmpty ? nil : input, output: output.isEmpty ? nil : output))
    case "icmp", "icmp6": return .match(.icmp)
    case "limit": return .limit("limit")
    default: return .opaque(name)
    }
  }

  /// `struct xt_conntrack_mtinfo2` and 3: addresses in the first 128 bytes, flags at 146, states and status at 150.
  private static func conntrack(_ content: CompatibleContent) -> RuleExpression {
    let asked = content.short(146), negated = content.short(148), state: UInt16 = 1, status: UInt16 = 1 << 6
    guard asked & ~(state | status) == 0, asked != 0, asked != state | status else { return .opaque("conntrack") }
    if asked == status { return .match(.status(UInt32(content.short(152)), negated: negated & status != 0)) }
    let bits = UInt32(content.short(150))
    // Bits 6 and 7 stand for SNAT and DNAT there, 8 for untracked; IPS_SRC_NAT and IPS_DST_NAT are bits 4 and 5 of the status.
    if bits & 0x3F == 0, bits & 0x100 == 0 { return .match(.status((bits & 0xC0) >> 2, negated: negated & state != 0)) }
    guard bits & 0xC0 == 0 else { return .opaque("conntrack") }
    return .match(.states(bits & 0x0F | (bits & 0x100) >> 2, negated: negated & state != 0))
  }

  private static func addressType(_ revision: UInt32, _ content: CompatibleContent) -> RuleExpression {
    let source = content.short(0), destination = content.short(2), flags = content.word(4)
    let sourceNegated = revision == 0 ? flags != 0 : flags & 1 != 0
    let destinationNegated = revision == 0 ? content.word(8) != 0 : flags & 2 != 0
    return .match(
      .addressType(
        source: source == 0 ? nil : source, destination: destination == 0 ? nil : destination, sourceNegated: sourceNegated,
        destinationNegated: destinationNegated))
  }

  /// `struct xt_tcp` and `struct xt_udp`: two ranges; tcp has option, flags and their mask before the inversions.
  private static func ports(_ name: String, _ content: CompatibleContent) -> RuleExpression {
    let source = content.short(0)...max(content.short(0), content.short(2)),
      destination = content.short(4)...max(content.short(4), content.short(6))
    let all = UInt16.min...UInt16.max, inversions = content.byte(name == "tcp" ? 11 : 8)
    if name == "tcp", content.byte(9) != 0 {
      guard source == all, destination == all else { return .opaque(name) }
      return .match(.flags(mask: content.byte(9), compared: content.byte(10), negated: inversions & 4 != 0))
    }
    switch (source == all, destination == all) {
    case (true, true): return .effectless("")
    case (false, true): return .match(.ports(.source([source]), negated: inversions & 1 != 0))
    case (true, false): return .match(.ports(.destination([destination]), negated: inversions & 2 != 0))
    default: return .opaque(name)
    }
  }

  /// `struct xt_multiport_v1`: kind, count, 15 ports, 15 marks that a port begins a range, inversion.
  private static func multiport(_ revision: UInt32, _ content: CompatibleContent) -> RuleExpression {
    let count = min(Int(content.byte(1)), 15)
    var ranges: [ClosedRange<UInt16>] = [], position = 0
    while position < count {
      let first = content.short(2 + 2 * position)
      if revision >= 1, content.byte(32 + position) != 0, position + 1 < count {
        position += 1
        ranges.append(first...max(first, content.short(2 + 2 * position)))
      } else {
        ranges.append(first...first)
      }
      position += 1
    }
    let negated = revision >= 1 && content.byte(47) != 0
    switch content.byte(0) {
    case 0: return .match(.ports(.source(ranges), negated: negated))
    case 1: return .match(.ports(.destination(ranges), negated: negated))
    default: return .match(.ports(.either(ranges), negated: negated))
    }
  }

  /// Reads a target. Layouts: `nf_nat.h`, `ipt_REJECT.h`, `ip6t_REJECT.h`, `xt_MARK.h`.
  static func compatibleTarget(_ name: String, revision: UInt32, _ content: CompatibleContent) -> RuleExpression {
    switch name {
    case "DNAT": return translation(.destination, revision, content)
    case "SNAT": return translation(.source, revision, content)
    case "REDIRECT": return translation(.redirect, revision, content)
    case "MASQUERADE": return .translate(.masquerade, address: nil, port: nil)
    case "REJECT": return .reject("reject")
    case "MARK" where revision >= 2: return .changeMark(value: content.word(0), mask: content.word(4))
    case "LOG": return .log(prefix: content.text(2, 30))
    case "NFLOG": return .log(prefix: content.text(12, 64))
    case "NFQUEUE": return .queue
    case "CONNMARK" where content.byte(12) == 0 || content.byte(12) == 1: return .effectless("connmark")
    case "CHECKSUM", "TCPMSS", "TRACE", "AUDIT", "CLASSIFY", "DSCP", "TOS", "CT", "NOTRACK", "SECMARK", "CONNSECMARK", "TTL", "HL", "SET",
      "TEE":
      return .effectless(name.lowercased())
    default: return .opaque(name)
    }
  }

  /// Revision 0 of IPv4 is `struct nf_nat_ipv4_multi_range_compat`, everything else begins as `struct nf_nat_range`.
  private static func translation(_ kind: Translation, _ revision: UInt32, _ content: CompatibleContent) -> RuleExpression {
    let isOld = revision == 0 && content.word(0) == 1 && content.count <= 24
    let flags = content.word(isOld ? 4 : 0), hasAddress = flags & 1 != 0, hasPort = flags & 2 != 0
    let whole = content.slice(4, 16)
    // The kernel keeps an IPv4 address in the first four of sixteen bytes; which family it is only the table tells.
    let address = isOld ? content.slice(8, 4) : whole
    return .translate(
      kind, address: hasAddress ? .constant(address) : nil, port: hasPort ? .constant(content.slice(isOld ? 16 : 36, 2)) : nil)
  }
}
