public import NFTables

/// One instruction of a rule, as the kernel carries it out: instructions of nf_tables, and the matches and targets of x_tables that iptables-nft
/// puts into rules. Registers are numbered by their words of four bytes, from 0.
public indirect enum RuleExpression: Hashable, Sendable {
  /// Where a value comes from.
  public enum Source: Hashable, Sendable {
    /// A register holds it.
    case register(Int)
    /// The rule itself holds it.
    case constant([UInt8])
  }

  /// What is translated, and to what.
  public enum Translation: Hashable, Sendable {
    /// The destination.
    case destination
    /// The source.
    case source
    /// The source, to the address of the link that the packet leaves by.
    case masquerade
    /// The destination, to this host.
    case redirect
  }

  /// Bytes of the packet. The base is NFT_PAYLOAD_: 0 link, 1 network, 2 transport header.
  case payload(base: UInt32, offset: Int, length: Int, into: Int)
  /// What is known beside the packet's content, NFT_META_.
  case meta(UInt32, into: Int)
  /// Changes what is known beside the packet's content, NFT_META_.
  case setMeta(UInt32, from: Int)
  /// What connection tracking knows, NFT_CT_.
  case conntrack(UInt32, into: Int)
  /// Changes what connection tracking knows, NFT_CT_.
  case setConntrack(UInt32, from: Int)
  /// What the routing tables say, NFT_FIB_RESULT_ and NFTA_FIB_F_.
  case routing(result: UInt32, flags: UInt32, into: Int)
  /// Writes a constant.
  case immediate([UInt8], into: Int)
  /// Ends the rule unless the comparison holds.
  case compare(Int, Expression.Comparison, [UInt8])
  /// Ends the rule unless the register lies between the two values, or, negated, if it does.
  case range(Int, [UInt8], [UInt8], negated: Bool)
  /// `into = (from & mask) ^ xor`
  case bitwise(from: Int, into: Int, mask: [UInt8], xor: [UInt8])
  /// Turns numbers of `size` bytes between host and network order.
  case byteOrder(from: Int, into: Int, size: Int, length: Int)
  /// Ends the rule unless the key is in the set, or, negated, if it is.
  case lookup(Int, set: String, negated: Bool)
  /// Ends the rule unless the key is in the map; else reads what it leads to.
  case map(Int, map: String, into: Int)
  /// Does what a map says for the key.
  case verdictMap(Int, map: String)
  /// Counts.
  case counter(Counter)
  /// Ends the rule above, or below, a rate: its words.
  case limit(String)
  /// Writes to a log.
  case log(prefix: String)
  /// Changes an address or a port for the whole connection.
  case translate(Translation, address: Source?, port: Source?)
  /// Changes bits of the packet's mark: `(mark & ~mask) ^ value`.
  case changeMark(value: UInt32, mask: UInt32)
  /// Refuses the packet with an answer: its words.
  case reject(String)
  /// What happens next.
  case verdict(Verdict)
  /// Hands the packet to a program, which decides.
  case queue
  /// A match of x_tables.
  case match(PacketMatch)
  /// A note for people.
  case note(String)
  /// Does something that does not matter for the packet's way: its words.
  case effectless(String)
  /// Something that this library does not understand, by its name.
  case opaque(String)
}
