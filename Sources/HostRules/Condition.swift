public import Addresses
import NFTables

/// Which packets of one IP version may use an attachment's published ports, in the language of nft(8): `ip saddr 192.0.2.0/24 iifname != "eth1"`.
///
/// Understood are comparisons, one after the other, of `ip saddr`, `ip daddr`, `ip6 saddr`, `ip6 daddr`, `iifname`, `meta l4proto`, `meta mark`,
/// `ct mark`, and `sport` and `dport` of `tcp`, `udp`, `sctp` and `th`, with a value, a range or a list in braces, also with `!=`.
public struct Condition: Hashable, Sendable {
  /// The IP version it is about.
  public let family: IPAddress.Family
  /// The condition as it was written, with single blanks.
  public let text: String
  /// What has to hold: all parts of one of these. Empty if it never holds.
  let alternatives: [[Statement]]

  /// Reads a condition; throws `ConditionError` for what is not understood.
  public init(_ family: IPAddress.Family, _ text: String) throws(ConditionError) {
    var parser = ConditionParser(text, family)
    alternatives = try parser.conditions()
    self.family = family
    self.text = text.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
  }
}
