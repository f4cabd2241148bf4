import CLinux
import CNftnl
public import Netlink

extension Ruleset {
  // A name that is too long for the kernel names nothing there.

  /// All tables.
  public mutating func tables() throws(NetlinkError) -> [Table] {
    try list(Ruleset.everything(NFT_MSG_GETTABLE), "list tables") { Table($0) }
  }

  /// The table of that family and name, as the kernel has it; nil if there is none.
  public mutating func table(_ table: Table) throws(NetlinkError) -> Table? {
    guard Limits.admit(table) else { return nil }
    let message = Transaction.message(NFT_MSG_GETTABLE, table.family, 0) {
      Transaction.build(Table(table.family, table.name), into: $0)
    }
    return try find(message, "read table \(table)") { Table($0) }
  }

  /// All chains of all tables.
  public mutating func chains() throws(NetlinkError) -> [Chain] {
    try list(Ruleset.everything(NFT_MSG_GETCHAIN), "list chains") { Chain($0) }
  }

  /// The chains of a table.
  public mutating func chains(_ table: Table) throws(NetlinkError) -> [Chain] {
    guard Limits.admit(table) else { return [] }
    let name = Chain(table, "")
    let message = Transaction.message(NFT_MSG_GETCHAIN, table.family, Ruleset.dump) {
      Transaction.build(name, into: $0)
    }
    // Older kernels answer with the chains of all tables.
    return try list(message, "list the chains of table \(table)") { Chain($0) }.filter {
      $0.table.name == table.name && $0.table.family == table.family
    }
  }

  /// The chain of that table and name, as the kernel has it; nil if there is none.
  public mutating func chain(_ chain: Chain) throws(NetlinkError) -> Chain? {
    guard Limits.admit(chain) else { return nil }
    let name = Chain(chain.table, chain.name)
    let message = Transaction.message(NFT_MSG_GETCHAIN, chain.table.family, 0) {
      Transaction.build(name, into: $0)
    }
    return try find(message, "read chain \(chain)") { Chain($0) }
  }

  /// The rules of a chain in their order; none if there is no such chain.
  public mutating func rules(_ chain: Chain) throws(NetlinkError) -> [Rule] {
    guard Limits.admit(chain) else { return [] }
    let name = Rule(chain, expressions: [])
    let message = Transaction.message(NFT_MSG_GETRULE, chain.table.family, Ruleset.dump) {
      Transaction.build(name, into: $0)
    }
    return try list(message, "list the rules of chain \(chain)") { Rule($0, chain) }
  }

  /// The sets and maps of a table; anonymous ones and those with types of field that this library does not know are left out.
  public mutating func sets(_ table: Table) throws(NetlinkError) -> [NamedSet] {
    guard Limits.admit(table) else { return [] }
    let message = Transaction.message(NFT_MSG_GETSET, table.family, Ruleset.dump) {
      Transaction.buildTable(table, into: $0)
    }
    return try list(message, "list the sets of table \(table)") { NamedSet($0, table) }
  }

  /// The set of that table and name, as the kernel has it; nil if there is none.
  public mutating func set(_ set: NamedSet) throws(NetlinkError) -> NamedSet? {
    guard Limits.admit(set) else { return nil }
    let message = Transaction.message(NFT_MSG_GETSET, set.table.family, 0) {
      Transaction.buildName(set, into: $0)
    }
    return try find(message, "read \(set)") { NamedSet($0, set.table) }
  }

  static var dump: Int32 { NLM_F_ROOT | NLM_F_MATCH }

  /// A dump of all families: number 0.
  private static func everything(_ type: nf_tables_msg_types) -> [UInt8] {
    var message = Transaction.message(type, .inet, dump) { _ in }
    message[MemoryLayout<nlmsghdr>.size] = 0
    return message
  }
}

// libnftnl answers with pointers into its object, which lives until the end of the initializer; everything is copied before.
extension Table {
  fileprivate init?(_ reply: Reply) {
    guard let object = unsafe nftnl_table_alloc() else { return nil }
    defer { unsafe nftnl_table_free(object) }
    guard unsafe reply.parsed(by: { unsafe nftnl_table_nlmsg_parse($0, object) }), let family = reply.family,
      let name = unsafe nftnl_table_get_str(object, UInt16(NFTNL_TABLE_NAME.rawValue))
    else { return nil }
    var length: UInt32 = 0
    let data = unsafe nftnl_table_get_data(object, UInt16(NFTNL_TABLE_USERDATA.rawValue), &length)
    self.init(family, unsafe String(cString: name), comment: unsafe UserData.text(0, in: copy(data, length)))
  }
}

extension Chain {
  fileprivate init?(_ reply: Reply) {
    guard let object = unsafe nftnl_chain_alloc() else { return nil }
    defer { unsafe nftnl_chain_free(object) }
    guard unsafe reply.parsed(by: { unsafe nftnl_chain_nlmsg_parse($0, object) }), let family = reply.family,
      let table = unsafe nftnl_chain_get_str(object, UInt16(NFTNL_CHAIN_TABLE.rawValue)),
      let name = unsafe nftnl_chain_get_str(object, UInt16(NFTNL_CHAIN_NAME.rawValue))
    else { return nil }
    var base: Base?
    if let kind = unsafe nftnl_chain_get_str(object, UInt16(NFTNL_CHAIN_TYPE.rawValue)),
      let kind = unsafe Kind(rawValue: String(cString: kind)),
      let hook = unsafe Hook(rawValue: nftnl_chain_get_u32(object, UInt16(NFTNL_CHAIN_HOOKNUM.rawValue)))
    {
      let policy = unsafe Policy(rawValue: nftnl_chain_get_u32(object, UInt16(NFTNL_CHAIN_POLICY.rawValue)))
      base = Base(
        kind, hook, priority: unsafe nftnl_chain_get_s32(object, UInt16(NFTNL_CHAIN_PRIO.rawValue)), policy: policy ?? .accept)
    }
    var length: UInt32 = 0
    let data = unsafe nftnl_chain_get_data(object, UInt16(NFTNL_CHAIN_USERDATA.rawValue), &length)
    self.init(
      Table(family, unsafe String(cString: table)), unsafe String(cString: name), base,
      comment: unsafe UserData.text(0, in: copy(data, length)),
      useCount: unsafe nftnl_chain_get_u32(object, UInt16(NFTNL_CHAIN_USE.rawValue)))
  }
}

extension Rule {
  fileprivate init?(_ reply: Reply, _ chain: Chain) {
    var handle: UInt64?, comment: String?, names: [String] = []
    reply.forEachAttribute { type, content in
      switch type {
      case Int(NFTA_RULE_HANDLE.rawValue): handle = content.load(UInt64.self)?.byteSwapped
      case Int(NFTA_RULE_USERDATA.rawValue): comment = UserData.text(NFTNL_UDATA_RULE_COMMENT.rawValue, in: content.array)
      case Int(NFTA_RULE_EXPRESSIONS.rawValue):
        content.forEachAttribute { _, expression in
          expression.forEachAttribute { type, content in if type == Int(NFTA_EXPR_NAME.rawValue) { names.append(content.text) } }
        }
      default: break
      }
    }
    self.init(chain, expressions: Rule.expressions(reply) ?? names.map { .other($0) }, comment: comment, handle: handle)
  }

  /// Nil if libnftnl does not know one of the expressions.
  private static func expressions(_ reply: Reply) -> [Expression]? {
    guard let object = unsafe nftnl_rule_alloc() else { return nil }
    defer { unsafe nftnl_rule_free(object) }
    guard unsafe reply.parsed(by: { unsafe nftnl_rule_nlmsg_parse($0, object) }), let walk = unsafe nftnl_expr_iter_create(object) else {
      return nil
    }
    defer { unsafe nftnl_expr_iter_destroy(walk) }
    var expressions: [Expression] = []
    while let next = unsafe nftnl_expr_iter_next(walk) { expressions.append(unsafe Expression(next)) }
    return expressions
  }
}

extension NamedSet {
  fileprivate init?(_ reply: Reply, _ table: Table) {
    guard let object = unsafe nftnl_set_alloc() else { return nil }
    defer { unsafe nftnl_set_free(object) }
    let number = { (attribute: nftnl_set_attr) in unsafe nftnl_set_get_u32(object, UInt16(attribute.rawValue)) }
    guard unsafe reply.parsed(by: { unsafe nftnl_set_nlmsg_parse($0, object) }),
      let name = unsafe nftnl_set_get_str(object, UInt16(NFTNL_SET_NAME.rawValue)), let key = NamedSet.types(number(NFTNL_SET_KEY_TYPE)),
      number(NFTNL_SET_FLAGS) & UInt32(NFT_SET_ANONYMOUS.rawValue) == 0
    else { return nil }
    var target = Target.nothing
    if number(NFTNL_SET_FLAGS) & UInt32(NFT_SET_MAP.rawValue) != 0 {
      if number(NFTNL_SET_DATA_TYPE) == NFT_DATA_VERDICT.rawValue {
        target = .verdict
      } else if let types = NamedSet.types(number(NFTNL_SET_DATA_TYPE)) {
        target = .fields(types)
      } else {
        return nil
      }
    }
    let timeout = unsafe nftnl_set_get_u64(object, UInt16(NFTNL_SET_TIMEOUT.rawValue))
    var length: UInt32 = 0
    let data = unsafe nftnl_set_get_data(object, UInt16(NFTNL_SET_USERDATA.rawValue), &length)
    self.init(
      table, unsafe String(cString: name), key: key, to: target,
      isInterval: number(NFTNL_SET_FLAGS) & UInt32(NFT_SET_INTERVAL.rawValue) != 0,
      hasCounters: unsafe nftnl_set_is_set(object, UInt16(NFTNL_SET_EXPR.rawValue))
        || nftnl_set_is_set(object, UInt16(NFTNL_SET_EXPRESSIONS.rawValue)), timeout: timeout == 0 ? nil : timeout,
      comment: unsafe UserData.text(NFTNL_UDATA_SET_COMMENT.rawValue, in: copy(data, length)))
  }
}

/// A copy of bytes that libnftnl keeps; empty for a null pointer.
func copy(_ start: UnsafeRawPointer?, _ length: UInt32) -> [UInt8] {
  guard let start = unsafe start else { return [] }
  return unsafe Array(UnsafeRawBufferPointer(start: start, count: Int(length)))
}
