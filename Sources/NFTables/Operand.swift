public import Addresses
import CLinux

/// Something about a packet that a rule compares or looks up.
public struct Operand: Hashable, Sendable {
  enum Source: Hashable, Sendable {
    case payload(Expression.Header, offset: UInt32)
    case meta(Expression.Meta)
    case conntrack(Expression.Conntrack)
    case routing(Expression.Routing)
  }

  let source: Source
  /// In bytes.
  let length: Int
  /// The IP version whose header is read; a rule of family inet asks for it first.
  let version: IPAddress.Family?
  let mask: [UInt8]?

  init(_ source: Source, length: Int, version: IPAddress.Family? = nil, mask: [UInt8]? = nil) {
    self.source = source
    self.length = length
    self.version = version
    self.mask = mask
  }

  /// The source address, `ip saddr` or `ip6 saddr`.
  public static func source(_ family: IPAddress.Family) -> Operand {
    Operand(.payload(.network, offset: family == .v4 ? 12 : 8), length: family.byteCount, version: family)
  }

  /// The destination address, `ip daddr` or `ip6 daddr`.
  public static func destination(_ family: IPAddress.Family) -> Operand {
    Operand(.payload(.network, offset: family == .v4 ? 16 : 24), length: family.byteCount, version: family)
  }

  /// `ether saddr`
  public static let etherSource = Operand(.payload(.link, offset: 6), length: 6)
  /// `th sport`: of TCP, UDP, SCTP, DCCP or UDP-Lite.
  public static let sourcePort = Operand(.payload(.transport, offset: 0), length: 2)
  /// `th dport`: of TCP, UDP, SCTP, DCCP or UDP-Lite.
  public static let destinationPort = Operand(.payload(.transport, offset: 2), length: 2)
  /// `meta nfproto`
  public static let networkProtocol = Operand(.meta(.networkProtocol), length: 1)
  /// `meta l4proto`
  public static let transportProtocol = Operand(.meta(.transportProtocol), length: 1)
  /// `iifname`
  public static let inputInterface = Operand(.meta(.inputInterfaceName), length: 16)
  /// `oifname`
  public static let outputInterface = Operand(.meta(.outputInterfaceName), length: 16)
  /// `meta mark`
  public static let mark = Operand(.meta(.mark), length: 4)
  /// `ct state`
  public static let connectionState = Operand(.conntrack(.state), length: 4)
  /// `ct status`
  public static let connectionStatus = Operand(.conntrack(.status), length: 4)
  /// `ct mark`
  public static let connectionMark = Operand(.conntrack(.mark), length: 4)
  /// `fib daddr type`
  public static let destinationType = Operand(.routing(.destinationType), length: 4)

  /// The operand with all bits zero that are zero in the mask: `ip daddr & 255.255.255.0`.
  public func masked(_ mask: [UInt8]) -> Operand { Operand(source, length: length, version: version, mask: mask) }

  /// The instructions that read the operand into a register.
  func load(into register: Register) -> [Expression] {
    let load: Expression =
      switch source {
      case .payload(let header, let offset): .payload(header, offset: offset, length: UInt32(length), into: register)
      case .meta(let key): .meta(key, into: register)
      case .conntrack(let key): .conntrack(key, into: register)
      case .routing(let result): .routing(result, into: register)
      }
    guard let mask else { return [load] }
    return [load, .bitwise(register, mask: mask, xor: [UInt8](repeating: 0, count: length), into: register)]
  }
}
