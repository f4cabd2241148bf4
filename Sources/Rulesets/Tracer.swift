public import Addresses
import Linux
import NFTables
public import Netlink

/// Has the kernel tell of every rule that the packets of a flow meet, in the calling thread's network namespace.
///
/// The rules that ask for it are in a table of their own, which the kernel removes together with this value, even if the process is killed.
public struct Tracer: ~Copyable {
  /// The socket of the events, for poll(2).
  public var events: NetlinkSocket
  private var ruleset: Ruleset

  /// Begins to trace packets to any of the ports, and those that come from them.
  public init(_ transport: TransportProtocol, ports: [UInt16]) throws(NetlinkError) {
    let events = try NetlinkSocket(.netfilter, groups: [TraceEvent.group])
    var ruleset = try Ruleset()
    var table = Table(.inet, "netctl_trace_\(ThisProcess.id)")
    table.isTemporary = true
    var transaction = Transaction()
    transaction.create(table)
    let plain = Table(.inet, table.name), register = Register(word: 4)
    for (name, hook) in [("prerouting", Hook.prerouting), ("output", .output)] {
      // Before the first chain that anybody has: raw is -300, conntrack's own fragments are put together at -400.
      let chain = Chain(plain, name, .init(.filter, hook, priority: -390))
      transaction.add(chain)
      for port in Set(ports).sorted() {
        for offset: UInt32 in [0, 2] {
          transaction.add(
            Rule(
              chain,
              expressions: [
                .meta(.transportProtocol, into: register), .compare(register, .equal, [transport.number]),
                .payload(.transport, offset: offset, length: 2, into: register),
                .compare(register, .equal, [UInt8(port >> 8), UInt8(port & 0xFF)]), .immediate([1], into: register),
                .setTrace(from: register),
              ]))
        }
      }
    }
    try ruleset.commit(transaction)
    self.events = events
    self.ruleset = ruleset
  }

  /// Takes what has come, without waiting.
  public mutating func take(_ body: (TraceEvent) -> Void) throws(NetlinkError) {
    while try events.receiveEvents(
      milliseconds: 0,
      { (type, payload) throws(NetlinkError) in
        if let event = TraceEvent(type: type, payload: payload) { body(event) }
      })
    {}
  }
}
