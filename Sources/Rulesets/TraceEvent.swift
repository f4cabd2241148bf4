public import Addresses
import CLinux
public import NFTables
import Netlink

/// One thing that a traced packet met: NFT_MSG_TRACE of nf_tables.
public struct TraceEvent: Hashable, Sendable {
  /// What it met.
  public enum Kind: UInt32, Hashable, Sendable {
    /// The end of a base chain.
    case policy = 1
    /// The end of another chain.
    case `return` = 2
    /// A rule.
    case rule = 3
  }

  /// What all events of one packet have in common.
  public let packet: UInt32
  /// The table.
  public let table: Table
  /// The chain.
  public let chain: String
  /// The rule's number; nil at the end of a chain.
  public let handle: UInt64?
  /// What it met.
  public let kind: Kind
  /// What was said; nil for what this library does not know.
  public let verdict: Verdict?
  /// Whether it was handed to a program.
  public let isQueued: Bool
  /// The number of the link that it came in by.
  public let inputIndex: Int32?
  /// The number of the link that it leaves by.
  public let outputIndex: Int32?
  /// What the packet carried, as it was there; nil where the kernel has said so before.
  public let header: Header?

  /// What a packet carries for those on its way.
  public struct Header: Hashable, Sendable {
    /// Where it comes from.
    public let source: IPAddress
    /// Where it goes to.
    public let destination: IPAddress
    /// The number of the protocol above IP: 6 for TCP. Of an IPv6 packet with extension headers that of the first of these.
    public let protocolNumber: UInt8
    /// The first bytes above IP.
    public let transport: [UInt8]

    /// The ports, of a protocol that has them.
    public var ports: (source: UInt16, destination: UInt16)? {
      guard TransportProtocol(number: protocolNumber) != nil, transport.count >= 4 else { return nil }
      return (UInt16(transport[0]) << 8 | UInt16(transport[1]), UInt16(transport[2]) << 8 | UInt16(transport[3]))
    }
  }

  /// The multicast group of these events, NFNLGRP_NFTRACE.
  public static let group: UInt32 = 9

  /// Reads an event; nil for another message.
  public init?(type: UInt16, payload: RawSpan) {
    guard type == UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(NFT_MSG_TRACE.rawValue), let message = payload.load(nfgenmsg.self),
      let family = Family(rawValue: message.nfgen_family)
    else { return nil }
    var attributes: [Int: [UInt8]] = [:], verdict: RuleExpression?
    payload.forEachAttribute(after: MemoryLayout<nfgenmsg>.size) { type, content in
      attributes[type] = content.array
      if type == Int(NFTA_TRACE_VERDICT.rawValue) { verdict = RuleExpression(verdict: content) }
    }
    let number = { (type: nft_trace_attributes) -> UInt64? in attributes[Int(type.rawValue)].map { $0.reduce(0) { $0 << 8 | UInt64($1) } } }
    let text = { (type: nft_trace_attributes) in
      String(decoding: (attributes[Int(type.rawValue)] ?? []).prefix { $0 != 0 }, as: UTF8.self)
    }
    guard let identifier = number(NFTA_TRACE_ID), let kind = number(NFTA_TRACE_TYPE).flatMap({ Kind(rawValue: UInt32($0)) }) else {
      return nil
    }
    packet = UInt32(truncatingIfNeeded: identifier)
    table = Table(family, text(NFTA_TRACE_TABLE))
    chain = text(NFTA_TRACE_CHAIN)
    handle = number(NFTA_TRACE_RULE_HANDLE)
    self.kind = kind
    isQueued = verdict == .queue
    let policy = number(NFTA_TRACE_POLICY).flatMap { Verdict(policy: UInt32(truncatingIfNeeded: $0)) }
    if case .verdict(let said)? = verdict { self.verdict = said } else { self.verdict = policy }
    inputIndex = number(NFTA_TRACE_IIF).map { Int32(truncatingIfNeeded: $0) }
    outputIndex = number(NFTA_TRACE_OIF).map { Int32(truncatingIfNeeded: $0) }
    header = Header(
      network: attributes[Int(NFTA_TRACE_NETWORK_HEADER.rawValue)] ?? [],
      transport: attributes[Int(NFTA_TRACE_TRANSPORT_HEADER.rawValue)] ?? [])
  }
}

extension TraceEvent.Header {
  /// Reads the beginnings of both headers; nil if the first is neither IPv4's nor IPv6's.
  fileprivate init?(network: [UInt8], transport: [UInt8]) {
    let isIPv6 = network.first.map { $0 >> 4 == 6 } ?? false, (start, length) = isIPv6 ? (8, 16) : (12, 4)
    guard network.count >= start + 2 * length, let source = IPAddress(bytes: network[start..<(start + length)]),
      let destination = IPAddress(bytes: network[(start + length)..<(start + 2 * length)])
    else { return nil }
    self.init(source: source, destination: destination, protocolNumber: network[isIPv6 ? 6 : 9], transport: transport)
  }
}

extension Verdict {
  /// NF_DROP and NF_ACCEPT.
  fileprivate init?(policy: UInt32) {
    switch policy {
    case 0: self = .drop
    case 1: self = .accept
    default: return nil
    }
  }
}
