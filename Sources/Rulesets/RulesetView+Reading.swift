import CLinux
import Linux
import NFTables
public import Netlink

extension RulesetView {
  /// Reads the ruleset of the calling thread's network namespace, in one dump of the chains, one of the rules, one of the sets, and one of each
  /// set's elements. Throws EPERM for whom the kernel does not let read it. Begins again if somebody changes it meanwhile.
  public init() throws(NetlinkError) {
    var ruleset = try Ruleset()
    for _ in 0..<10 {
      let generation = try ruleset.generation()
      let chains = try RulesetView.readChains(&ruleset.socket), sets = try RulesetView.readSets(&ruleset.socket)
      if try ruleset.generation() == generation {
        self.init(chains: chains, sets: sets, legacyTables: RulesetView.readLegacyTables())
        return
      }
    }
    throw NetlinkError(.interrupted, "read the ruleset", explanation: "it changed ten times while it was read")
  }

  /// /proc/net/ip_tables_names lists the tables that the old iptables has made in the reader's namespace. Nil if it may not be read.
  private static func readLegacyTables() -> [String]? {
    var tables: [String] = []
    for (file, family) in [("ip_tables_names", "ip"), ("ip6_tables_names", "ip6")] {
      do {
        let content = try FileSystem.readIfPresent("/proc/thread-self/net/\(file)") ?? []
        tables += String(decoding: content, as: UTF8.self).split(separator: "\n").map { "\(family) \($0)" }
      } catch { return nil }
    }
    return tables
  }

  static func request(_ type: nf_tables_msg_types, _ family: Family?, _ operation: String) -> NetlinkMessage {
    var message = NetlinkMessage(UInt16(NFNL_SUBSYS_NFTABLES) << 8 | UInt16(type.rawValue), .dump, operation: operation)
    message.append(nfgenmsg(nfgen_family: family?.rawValue ?? 0, version: UInt8(NFNETLINK_V0), res_id: 0))
    return message
  }

  private struct Place: Hashable {
    let family: UInt8
    let table: String
    let chain: String
  }

  private static func readChains(_ socket: inout NetlinkSocket) throws(NetlinkError) -> [ChainView] {
    let rules = try socket.dump(request(NFT_MSG_GETRULE, nil, "list rules")) { (_, payload) throws(NetlinkError) -> (Place, RuleView)? in
      guard let header = payload.load(nfgenmsg.self) else { return nil }
      return rule(header.nfgen_family, payload)
    }
    let byChain = Dictionary(grouping: rules) { $0.0 }.mapValues { $0.map(\.1) }
    return try socket.dump(request(NFT_MSG_GETCHAIN, nil, "list chains")) { (_, payload) throws(NetlinkError) in
      guard let header = payload.load(nfgenmsg.self), let family = Family(rawValue: header.nfgen_family) else { return nil }
      var table = "", name = "", kind = "", policy = Chain.Policy.accept, counter: Counter?, comment: String?
      var hook: (number: UInt32, priority: Int32, devices: [String])?
      payload.forEachAttribute(after: MemoryLayout<nfgenmsg>.size) { type, content in
        switch type {
        case Int(NFTA_CHAIN_TABLE.rawValue): table = content.text
        case Int(NFTA_CHAIN_NAME.rawValue): name = content.text
        case Int(NFTA_CHAIN_TYPE.rawValue): kind = content.text
        case Int(NFTA_CHAIN_POLICY.rawValue): if content.load(UInt32.self)?.byteSwapped == 0 { policy = .drop }
        case Int(NFTA_CHAIN_HOOK.rawValue): hook = self.hook(content)
        case Int(NFTA_CHAIN_COUNTERS.rawValue): counter = Counter(content)
        case Int(NFTA_CHAIN_USERDATA.rawValue): comment = UserData.text(0, in: content.array)
        default: break
        }
      }
      let base = hook.map {
        ChainView.Base(
          kind: kind, hookNumber: $0.number, priority: $0.priority, policy: policy, counter: counter, devices: $0.devices,
          hook: family == .netdev ? nil : Hook(rawValue: $0.number))
      }
      return ChainView(
        table: Table(family, table), name: name, base: base, comment: comment,
        rules: byChain[Place(family: family.rawValue, table: table, chain: name)] ?? [])
    }
  }

  private static func hook(_ content: RawSpan) -> (number: UInt32, priority: Int32, devices: [String]) {
    var number: UInt32 = 0, priority: Int32 = 0, devices: [String] = []
    content.forEachAttribute { type, content in
      switch type {
      case Int(NFTA_HOOK_HOOKNUM.rawValue): number = content.load(UInt32.self)?.byteSwapped ?? 0
      case Int(NFTA_HOOK_PRIORITY.rawValue): priority = Int32(bitPattern: content.load(UInt32.self)?.byteSwapped ?? 0)
      case Int(NFTA_HOOK_DEV.rawValue): devices.append(content.text)
      case Int(NFTA_HOOK_DEVS.rawValue): content.forEachAttribute { _, device in devices.append(device.text) }
      default: break
      }
    }
    var seen: Set<String> = []
    return (number, priority, devices.filter { seen.insert($0).inserted })
  }

  private static func rule(_ family: UInt8, _ payload: RawSpan) -> (Place, RuleView)? {
    var table = "", chain = "", handle: UInt64 = 0, comment: String?, expressions: [RuleExpression] = []
    payload.forEachAttribute(after: MemoryLayout<nfgenmsg>.size) { type, content in
      switch type {
      case Int(NFTA_RULE_TABLE.rawValue): table = content.text
      case Int(NFTA_RULE_CHAIN.rawValue): chain = content.text
      case Int(NFTA_RULE_HANDLE.rawValue): handle = content.load(UInt64.self)?.byteSwapped ?? 0
      case Int(NFTA_RULE_USERDATA.rawValue): comment = UserData.text(0, in: content.array)
      case Int(NFTA_RULE_EXPRESSIONS.rawValue):
        content.forEachAttribute { _, content in if let expression = expression(content) { expressions.append(expression) } }
      default: break
      }
    }
    for case .note(let text) in expressions { comment = comment ?? text }
    return (Place(family: family, table: table, chain: chain), RuleView(handle: handle, expressions: expressions, comment: comment))
  }

  /// Reads NFTA_LIST_ELEM: a name and, nested, what belongs to it.
  private static func expression(_ content: RawSpan) -> RuleExpression? {
    var name = ""
    content.forEachAttribute { type, content in if type == Int(NFTA_EXPR_NAME.rawValue) { name = content.text } }
    guard !name.isEmpty else { return nil }
    var expression = RuleExpression(name: name, RawSpan())
    content.forEachAttribute { type, content in
      if type == Int(NFTA_EXPR_DATA.rawValue) { expression = RuleExpression(name: name, content) }
    }
    return expression
  }
}

extension Counter {
  /// Reads NFTA_COUNTER_ attributes.
  init(_ content: RawSpan) {
    var packets: UInt64 = 0, bytes: UInt64 = 0
    content.forEachAttribute { type, content in
      switch type {
      case Int(NFTA_COUNTER_PACKETS.rawValue): packets = content.load(UInt64.self)?.byteSwapped ?? 0
      case Int(NFTA_COUNTER_BYTES.rawValue): bytes = content.load(UInt64.self)?.byteSwapped ?? 0
      default: break
      }
    }
    self.init(packets: packets, bytes: bytes)
  }
}
