public import Addresses
public import NFTables

/// The way of a packet through the base chains of one hook.
public struct Evaluation: Sendable {
  /// How it ends.
  public enum Outcome: Hashable, Sendable {
    /// It goes on.
    case accepted
    /// It is gone, without an answer.
    case dropped
    /// It is gone, with an answer: the rule's words.
    case rejected(String)
    /// A program decides.
    case queued
  }

  /// What a rule did, or a base chain at its end.
  public enum Effect: Hashable, Sendable {
    /// Decided, for this base chain or, where it drops, for good.
    case decided(Outcome)
    /// Went on in another chain.
    case entered(String)
    /// Went back.
    case returned
    /// Changed the destination.
    case redirected(IPAddress, UInt16)
    /// Changes the source: to this address, or to that of the link it leaves by.
    case disguised(IPAddress?)
    /// Changed the mark.
    case marked(UInt32)
    /// Came to the end of a base chain.
    case policy(Outcome)
  }

  /// A rule that did something.
  public struct Step: Sendable {
    /// Its chain.
    public let chain: ChainView
    /// The rule; nil at the end of a base chain.
    public let rule: RuleView?
    /// What it did.
    public let effect: Effect
  }

  /// All that did something, in order.
  public internal(set) var steps: [Step] = []
  /// Rules that would have done something, if only it could be told whether they match.
  public internal(set) var uncertain: [Step] = []
  /// The packet as it is afterwards.
  public var packet: Packet
  /// How it ended.
  public internal(set) var outcome = Outcome.accepted
  /// The base chain that was the last to see it.
  public internal(set) var base: ChainView?
  /// How many base chains saw it.
  public internal(set) var baseChainCount = 0
  /// Whether the source is replaced, and by what if that is said.
  public internal(set) var disguise: Effect?

  /// The last step: what dropped or refused it, if anything did.
  public var decision: Step? { outcome == .accepted ? nil : steps.last }
  /// Whether it goes on.
  public var passes: Bool { outcome == .accepted }
}

extension RulesetView {
  /// Sends a packet through the base chains at a hook, as far as they can be understood. `families` are those whose chains the kernel calls.
  public func evaluate(_ packet: Packet, at hook: Hook, _ families: Set<Family>? = nil) -> Evaluation {
    var walker = RuleWalker(self, packet)
    for chain in baseChains(at: hook, families ?? [.inet, packet.family == .v4 ? .ipv4 : .ipv6]) {
      // Translation is decided once for each connection and direction, by the first chain that has an opinion.
      if chain.base?.kind == "nat", !packet.state.contains(.new) || walker.hasTranslated { continue }
      walker.evaluation.base = chain
      walker.evaluation.baseChainCount += 1
      let outcome = walker.walk(base: chain)
      walker.evaluation.outcome = outcome
      if outcome != .accepted { break }
    }
    return walker.evaluation
  }
}
