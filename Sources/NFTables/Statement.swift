public import Addresses

/// A part of a rule in the words of nft(8). The parts are carried out in their order; a condition that does not hold ends the rule.
public enum Statement: Hashable, Sendable {
  /// `tcp dport != 80`: compares an operand with a value.
  case match(Operand, Expression.Comparison = .equal, Fields.Field)
  /// `ip daddr 10.0.0.0/8`: an address lies in a network, or does not.
  case matchNetwork(Operand, Subnet, negated: Bool = false)
  /// `th dport 80-90`: a value in network byte order lies between two others, both included, or does not.
  case matchRange(Operand, Fields.Field, Fields.Field, negated: Bool = false)
  /// `iifname "eth*"`: a name begins with the given one, or does not.
  case matchName(Operand, prefix: String, negated: Bool = false)
  /// `ct status dnat`, `ct state established,related`: at least one of the bits is set.
  case matchAnyBit(Operand, UInt32)
  /// `iifname . oifname @name`: a set holds the key, or does not.
  case lookup([Operand], in: String, negated: Bool = false)
  /// `oifname vmap @name`: what a verdict map says for the key.
  case verdictMap([Operand], String)
  /// `dnat ip to meta l4proto . th dport map @name`: the destination that a map holds for the key, an address or an address and a port.
  case destinationFromMap([Operand], String, IPAddress.Family, withPort: Bool)
  /// `dnat ip to 10.0.0.5:80`: a constant destination.
  case destination(IPAddress, port: UInt16?)
  /// `masquerade`
  case masquerade
  /// `counter`
  case counter
  /// `meta mark set 0x1`
  case setMark(UInt32)
  /// `limit rate 10/second burst 5 packets`; the unit in seconds.
  case limit(rate: UInt64, per: UInt64, burst: UInt32, over: Bool = false)
  /// `log prefix "…"`, or to a netlink group: `log prefix "…" group 3`.
  case log(prefix: String, group: UInt16? = nil)
  /// `reject with …`
  case reject(Expression.Rejection)
  /// `accept`, `jump name`…
  case verdict(Verdict)

  /// `meta nfproto ipv4`
  public static func matchFamily(_ family: IPAddress.Family) -> Statement { .match(.networkProtocol, .equal, .networkProtocol(family)) }

  /// `ct state …`
  public static func matchState(_ states: ConnectionState) -> Statement { .matchAnyBit(.connectionState, states.rawValue) }
}
