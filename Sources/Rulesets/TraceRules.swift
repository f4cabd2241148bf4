import Linux
import NFTables
import Netlink

/// Rules that have the kernel tell of everything that some packets meet, in the network namespace in which they were made.
///
/// They are in a table of their own, which belongs to the process: the kernel removes it with this value, even if the process is killed.
public final class TraceRules {
  /// What the rules of such a table tell about a packet.
  public enum Mark: String, Sendable {
    /// Its way begins, from a link.
    case arrival = "prerouting"
    /// Its way begins, from a program.
    case departure = "output"
    /// It has got past all rules before routing.
    case routed = "prerouting_end"
    /// The same, from a program.
    case made = "output_end"
    /// It has got past all rules for what is passed on.
    case forwarded = "forward_end"
    /// It goes to a program.
    case delivered = "input_end"
    /// It leaves.
    case sent = "postrouting_end"
    /// It comes to a hook behind routing: says what it carries before the hook's rules change that.
    case passedOn = "forward_begin"
    case received = "input_begin"
    case leaving = "postrouting_begin"

    /// What an event of such a table means; nil for another table's.
    public init?(_ event: TraceEvent) {
      guard event.table.name.hasPrefix("netctl_trace_") else { return nil }
      self.init(rawValue: event.chain)
    }
  }

  private let ruleset: Ruleset

  /// Begins to trace packets that any of the filters means. Fails with EPERM without the right to change rules, with EINVAL before Linux 5.12.
  public init(_ filters: [TraceFilter]) throws {
    var ruleset = try Ruleset(), transaction = Transaction()
    var owned = Table(.inet, "netctl_trace_\(ThisProcess.id)", comment: "made by netctl trace, which takes it away when it ends")
    owned.isTemporary = true
    transaction.create(owned)
    let table = Table(.inet, owned.name)
    for (mark, hook) in [(Mark.arrival, Hook.prerouting), (.departure, .output)] {
      // Before the first chain that anybody has: raw is -300, conntrack puts fragments together at -400.
      let chain = Chain(table, mark.rawValue, .init(.filter, hook, priority: -390))
      transaction.add(chain)
      for filter in filters {
        for answers in [false, true] { transaction.add(Rule(chain, expressions: filter.expressions(answers: answers))) }
      }
    }
    for (mark, hook) in [(Mark.passedOn, Hook.forward), (.received, .input), (.leaving, .postrouting)] {
      transaction.add(Chain(table, mark.rawValue, .init(.filter, hook, priority: -390)))
    }
    let ends = [
      (Mark.routed, Hook.prerouting), (.made, .output), (.forwarded, .forward), (.delivered, .input), (.sent, .postrouting),
    ]
    for (mark, hook) in ends {
      // Behind everybody's, and right before conntrack enters a connection, which is at the last priority there is.
      transaction.add(Chain(table, mark.rawValue, .init(.filter, hook, priority: .max - 1)))
    }
    try ruleset.commit(transaction)
    self.ruleset = ruleset
  }
}
