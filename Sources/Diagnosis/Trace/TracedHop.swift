public import Conntrack
public import NFTables

/// What became of a packet in one network namespace.
public struct TracedHop: Sendable {
  /// How it ended.
  public enum Outcome: String, Sendable {
    /// A program was to get it.
    case delivered
    /// It went on by another link.
    case forwarded
    /// It left, made here.
    case sent
    /// A rule, or a chain's policy.
    case dropped
    /// A rule, with an answer.
    case refused
    /// A rule handed it to a program.
    case queued
    /// Nothing more was heard of it, though no rule had dropped it: there was no route, or the kernel forbade it.
    case lost
  }

  /// A rule that it met, or the end of a chain.
  public struct Passage: Sendable {
    /// The chain.
    public let table: Table
    /// The chain's name.
    public let chain: String
    /// Where the kernel calls the chain, as nft(8) writes it; nil for one that rules call.
    public let hook: String?
    /// The rule in words, or `policy drop`.
    public let words: String
    /// What was said; nil for what this library does not know.
    public let verdict: Verdict?
    /// Whether it translates addresses.
    public let isTranslation: Bool

    /// `ip filter FORWARD: policy drop`
    public var title: String { "\(table) \(chain): \(words)" }
  }

  /// The namespace's place in the host's view.
  public let place: Int
  /// When it was first seen, in nanoseconds since the trace began.
  public let moment: Int64
  /// The number of the protocol above IP: 6 for TCP.
  public let protocolNumber: UInt8
  /// What the packet is: `syn`, `echo request`; empty where there is nothing to say.
  public let kind: String
  /// As it came, or was made.
  public let arriving: (source: TracedFlow.End, destination: TracedFlow.End)
  /// The number of the link that it came in by; nil where it was made.
  public let inputIndex: Int32?
  /// As it left, or was delivered.
  public internal(set) var leaving: (source: TracedFlow.End, destination: TracedFlow.End)
  /// The number of the link that it left by.
  public internal(set) var outputIndex: Int32?
  /// The rules that it met, in their order.
  public internal(set) var passages: [Passage] = []
  /// How it ended.
  public internal(set) var outcome = Outcome.lost
  /// The last hook whose rules it got past; nil if none.
  public internal(set) var lastHook: Hook?
  /// What connection tracking made of it.
  public internal(set) var connections: [ConnectionEvent] = []

  /// Whether it ended here against the sender's wish.
  public var isLoss: Bool { [.dropped, .refused, .lost].contains(outcome) }
  /// What dropped or refused it.
  public var culprit: Passage? { outcome == .dropped || outcome == .refused ? passages.last : nil }
}

extension TracedHop {
  /// TCP's flags, or the kinds of ICMP that people know.
  static func kind(_ protocolNumber: UInt8, _ transport: [UInt8]) -> String {
    switch protocolNumber {
    case 6:
      guard transport.count > 13 else { return "" }
      let names = [(UInt8(2), "syn"), (1, "fin"), (4, "rst"), (8, "psh"), (16, "ack")]
      return names.filter { transport[13] & $0.0 != 0 }.map(\.1).joined(separator: " ")
    case 1: return transport.first.map { [0: "echo reply", 3: "unreachable", 8: "echo request"][$0] ?? "type \($0)" } ?? ""
    case 58: return transport.first.map { [1: "unreachable", 128: "echo request", 129: "echo reply"][$0] ?? "type \($0)" } ?? ""
    default: return ""
    }
  }
}
