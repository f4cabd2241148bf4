import CLinux
import CNftnl
import Linux
import Netlink

/// Changes that the kernel makes all at once or not at all, in their order. Packets see the ruleset before or after, never a half.
///
/// A transaction that the kernel refuses costs it about 10 ms (it waits for all CPUs), so trying is no way to find out what is there.
public struct Transaction {
  /// The messages between begin and end, without sequence numbers.
  private(set) var bytes: [UInt8] = []
  /// What each message is for.
  private(set) var changes: [Change] = []
  /// Where the last message begins.
  private(set) var lastStart = 0
  /// Why a change cannot be written; nil as long as all can.
  private(set) var refusal: NetlinkError?

  /// An empty transaction.
  public init() {}

  /// Whether there is nothing to do.
  public var isEmpty: Bool { changes.isEmpty && refusal == nil }

  /// Adds the changes of another transaction behind those of this one.
  public mutating func append(_ other: Transaction) {
    if other.isEmpty { return }
    lastStart = bytes.count + other.lastStart
    bytes += other.bytes
    changes += other.changes
    refusal = refusal ?? other.refusal
  }

  /// Adds a table; it may exist already.
  public mutating func add(_ table: Table) { append(table, NLM_F_CREATE, "add") }

  /// Adds a table; if it exists the transaction fails with EEXIST.
  public mutating func create(_ table: Table) { append(table, NLM_F_CREATE | NLM_F_EXCL, "create") }

  /// Removes a table with everything in it.
  public mutating func delete(_ table: Table) {
    append(NFT_MSG_DELTABLE, table.family, 0, .table("delete", table)) {
      Transaction.build(table, into: $0)
    }
  }

  /// Adds a chain; it may exist already.
  public mutating func add(_ chain: Chain) {
    append(NFT_MSG_NEWCHAIN, chain.table.family, NLM_F_CREATE, .chain("add", chain)) {
      Transaction.build(chain, into: $0)
    }
  }

  /// Removes a chain, which must have no rules and to which nothing may jump.
  public mutating func delete(_ chain: Chain) {
    let name = Chain(chain.table, chain.name)
    append(NFT_MSG_DELCHAIN, chain.table.family, 0, .chain("delete", chain)) {
      Transaction.build(name, into: $0)
    }
  }

  /// Removes all rules of a chain.
  public mutating func flush(_ chain: Chain) {
    let all = Rule(chain, expressions: [])
    append(NFT_MSG_DELRULE, chain.table.family, 0, .chain("flush", chain), room: Limits.size(all)) { Transaction.build(all, into: $0) }
  }

  /// Adds a rule at the end of its chain.
  public mutating func add(_ rule: Rule) { append(rule, NLM_F_CREATE | NLM_F_APPEND, "add") }

  /// Adds a rule at the beginning of its chain.
  public mutating func insert(_ rule: Rule) { append(rule, NLM_F_CREATE, "insert") }

  /// Removes a rule that was read from the kernel, named by its handle.
  public mutating func delete(_ rule: Rule) {
    let name = Rule(rule.chain, expressions: [], handle: rule.handle)
    append(NFT_MSG_DELRULE, rule.chain.table.family, 0, .rule("delete", rule), room: Limits.size(name)) {
      Transaction.build(name, into: $0)
    }
  }

  /// Adds a set or map; it may exist already.
  public mutating func add(_ set: NamedSet) {
    let number = UInt32(changes.count + 1)
    append(NFT_MSG_NEWSET, set.table.family, NLM_F_CREATE, .set("add", set)) {
      Transaction.build(set, number: number, into: $0)
    }
  }

  /// Removes a set or map, which no rule may use.
  public mutating func delete(_ set: NamedSet) {
    append(NFT_MSG_DELSET, set.table.family, 0, .set("delete", set)) {
      Transaction.buildName(set, into: $0)
    }
  }

  /// Removes all elements of a set or map.
  public mutating func flush(_ set: NamedSet) {
    append(NFT_MSG_DELSETELEM, set.table.family, 0, .set("flush", set)) {
      Transaction.buildName(set, into: $0)
    }
  }

  /// Adds elements. One that exists already with the same value stays as it is, comment included; with `exclusive`, or if the value differs,
  /// the transaction fails with EEXIST (values of other elements' ranges: ENOTEMPTY).
  public mutating func add(_ elements: [Element], to set: NamedSet, exclusive: Bool = false) {
    appendElements(elements, set, NFT_MSG_NEWSETELEM, NLM_F_CREATE | (exclusive ? NLM_F_EXCL : 0), "add")
  }

  /// Removes elements by their keys; if one is missing, the transaction fails with ENOENT.
  public mutating func delete(_ elements: [Element], from set: NamedSet) {
    // The kernel finds elements by key; a value that came along would have to be equal.
    let keys = elements.map { Element($0.key, through: $0.last) }
    appendElements(keys, set, NFT_MSG_DELSETELEM, 0, "delete")
  }

  private mutating func append(_ table: Table, _ flags: Int32, _ verb: String) {
    append(NFT_MSG_NEWTABLE, table.family, flags, .table(verb, table)) {
      Transaction.build(table, into: $0)
    }
  }

  private mutating func append(_ rule: Rule, _ flags: Int32, _ verb: String) {
    append(NFT_MSG_NEWRULE, rule.chain.table.family, flags, .rule(verb, rule), room: Limits.size(rule)) {
      Transaction.build(rule, into: $0)
    }
  }

  /// An attribute holds less than 64 KiB, and elements share one: they are split into messages by number and by size.
  private mutating func appendElements(_ elements: [Element], _ set: NamedSet, _ type: nf_tables_msg_types, _ flags: Int32, _ verb: String)
  {
    var start = 0
    while start < elements.count {
      var end = start
      var size = 0
      while end < elements.count, end - start < 400, size < 50_000 {
        size += Limits.size(elements[end])
        end += 1
      }
      let part = elements[start..<end]
      append(type, set.table.family, flags, .elements(verb, set, part), room: size + Limits.object) {
        Transaction.build(part, of: set, into: $0)
      }
      start = end
    }
  }

  /// Lets `build` write a message's attributes with libnftnl, which does not check the room it has. What it has no room
  /// for is refused here.
  private mutating func append(
    _ type: nf_tables_msg_types, _ family: Family, _ flags: Int32, _ change: Change, room: Int = Limits.object,
    _ build: (Draft) -> Void
  ) {
    guard Limits.admit(change) else {
      let explanation = "a name, a value or a log prefix is too long, or an expression is unknown"
      refusal = refusal ?? NetlinkError(.invalid, change.description(position: nil), explanation: explanation)
      return
    }
    lastStart = bytes.count
    bytes += Transaction.message(type, family, flags, room: room, build)
    changes.append(change)
  }

  /// One message as libnftnl writes it.
  static func message(
    _ type: nf_tables_msg_types, _ family: Family, _ flags: Int32, room: Int = Limits.object, _ build: (Draft) -> Void
  ) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      // The buffer is as long as the largest message that `build` writes; the length is in the message's header.
      let start = unsafe UnsafeMutableRawPointer(buffer.baseAddress).map { unsafe $0.assumingMemoryBound(to: CChar.self) }
      guard let header = unsafe nftnl_nlmsg_build_hdr(start, UInt16(type.rawValue), UInt16(family.rawValue), UInt16(flags), 0) else {
        return
      }
      unsafe build(Draft(header))
      unsafe count = (Int(header.pointee.nlmsg_len) + 3) & ~3
    }
  }
}
