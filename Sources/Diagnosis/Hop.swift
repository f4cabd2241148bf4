public import Addresses
public import Linux
public import Routing
public import Rulesets

/// What becomes of a packet in one network namespace.
public struct Hop: Sendable {
  /// What the kernel answers about the way on.
  public enum Way: Sendable {
    case route(Route)
    /// It has none: `ENETUNREACH`, `EXDEV`…
    case refused(Errno)

    /// The route, if there is one.
    public var route: Route? {
      if case .route(let route) = self { return route }
      return nil
    }
  }

  /// The namespace's place in the view.
  public let namespace: Int
  /// The link that it arrives by; nil where it is made.
  public var input: Link?
  /// As it arrives, or is made.
  public var arriving: Packet
  /// The rules before routing: prerouting, or output.
  public var before: Evaluation?
  /// Where it goes on.
  public var way: Way?
  /// Whether it is for a socket here.
  public var isLocal = false
  /// The link that it leaves by.
  public var output: Link?
  /// Who is to get it on that link.
  public var nextAddress: IPAddress?
  /// The rules of the hook in the middle, forward or input; nil where it is made.
  public var middle: Evaluation?
  /// The rules before it leaves.
  public var after: Evaluation?
  /// As it leaves.
  public var leaving: Packet
  /// How it comes to the next namespace.
  public var crossing: Crossing?
  /// Whether the rules could not be read.
  public var hasHiddenRules = false

  /// Begins a hop.
  public init(namespace: Int, input: Link?, arriving: Packet) {
    self.namespace = namespace
    self.input = input
    self.arriving = arriving
    leaving = arriving
  }

  /// The rules that a frame meets on the bridge behind it.
  public var bridged: Evaluation?

  /// Rules that were asked, where and at which hook.
  public struct Passage: Sendable {
    /// The namespace of the rules.
    public let namespace: Int
    /// The hook, as nft(8) writes it.
    public let hook: String
    /// What they said.
    public let evaluation: Evaluation
  }

  /// All rules that were asked, in their order.
  public var passages: [Passage] {
    let names = [input == nil ? "output" : "prerouting", isLocal ? "input" : "forward", "postrouting"]
    let own = zip(names, [before, middle, after]).compactMap { name, evaluation in
      evaluation.map { Passage(namespace: namespace, hook: name, evaluation: $0) }
    }
    return own + (bridged.map { [Passage(namespace: crossing?.bridge?.namespace ?? namespace, hook: "forward", evaluation: $0)] } ?? [])
  }

  /// The rules that drop or refuse it, if any do.
  public var obstacle: Passage? { passages.first { !$0.evaluation.passes } }
}
