import CLinux
import CNftnl

// Each function makes one libnftnl object, lets it write itself into the message, and frees it: no pointer outlives the call.
extension Transaction {
  static func build(_ table: Table, into message: Draft) {
    guard let object = unsafe nftnl_table_alloc() else { return }
    defer { unsafe nftnl_table_free(object) }
    unsafe _ = nftnl_table_set_str(object, UInt16(NFTNL_TABLE_NAME.rawValue), table.name)
    let comment = UserData.comment(table.comment)
    if !comment.isEmpty { unsafe _ = nftnl_table_set_data(object, UInt16(NFTNL_TABLE_USERDATA.rawValue), comment, UInt32(comment.count)) }
    if table.isTemporary { unsafe nftnl_table_set_u32(object, UInt16(NFTNL_TABLE_FLAGS.rawValue), UInt32(NFT_TABLE_F_OWNER.rawValue)) }
    unsafe nftnl_table_nlmsg_build_payload(message.header, object)
  }

  static func build(_ chain: Chain, into message: Draft) {
    guard let object = unsafe nftnl_chain_alloc() else { return }
    defer { unsafe nftnl_chain_free(object) }
    unsafe _ = nftnl_chain_set_str(object, UInt16(NFTNL_CHAIN_TABLE.rawValue), chain.table.name)
    unsafe _ = nftnl_chain_set_str(object, UInt16(NFTNL_CHAIN_NAME.rawValue), chain.name)
    if let base = chain.base {
      unsafe _ = nftnl_chain_set_str(object, UInt16(NFTNL_CHAIN_TYPE.rawValue), base.kind.rawValue)
      unsafe nftnl_chain_set_u32(object, UInt16(NFTNL_CHAIN_HOOKNUM.rawValue), base.hook.rawValue)
      unsafe nftnl_chain_set_s32(object, UInt16(NFTNL_CHAIN_PRIO.rawValue), base.priority)
      unsafe nftnl_chain_set_u32(object, UInt16(NFTNL_CHAIN_POLICY.rawValue), base.policy.rawValue)
    }
    let comment = UserData.comment(chain.comment)
    if !comment.isEmpty { unsafe _ = nftnl_chain_set_data(object, UInt16(NFTNL_CHAIN_USERDATA.rawValue), comment, UInt32(comment.count)) }
    unsafe nftnl_chain_nlmsg_build_payload(message.header, object)
  }

  static func build(_ rule: Rule, into message: Draft) {
    guard let object = unsafe nftnl_rule_alloc() else { return }
    defer { unsafe nftnl_rule_free(object) }
    unsafe _ = nftnl_rule_set_str(object, UInt16(NFTNL_RULE_TABLE.rawValue), rule.chain.table.name)
    unsafe _ = nftnl_rule_set_str(object, UInt16(NFTNL_RULE_CHAIN.rawValue), rule.chain.name)
    if let handle = rule.handle { unsafe nftnl_rule_set_u64(object, UInt16(NFTNL_RULE_HANDLE.rawValue), handle) }
    let comment = UserData.comment(rule.comment)
    if !comment.isEmpty { unsafe _ = nftnl_rule_set_data(object, UInt16(NFTNL_RULE_USERDATA.rawValue), comment, UInt32(comment.count)) }
    for expression in rule.expressions {
      // The rule takes the expression over and frees it.
      if let lowered = unsafe expression.lowered() { unsafe nftnl_rule_add_expr(object, lowered) }
    }
    unsafe nftnl_rule_nlmsg_build_payload(message.header, object)
  }

  static func buildName(_ set: NamedSet, into message: Draft) {
    unsafe withSet(set) { unsafe nftnl_set_nlmsg_build_payload(message.header, $0) }
  }

  /// Only the table, for listing its sets.
  static func buildTable(_ table: Table, into message: Draft) {
    guard let object = unsafe nftnl_set_alloc() else { return }
    defer { unsafe nftnl_set_free(object) }
    unsafe _ = nftnl_set_set_str(object, UInt16(NFTNL_SET_TABLE.rawValue), table.name)
    unsafe nftnl_set_nlmsg_build_payload(message.header, object)
  }

  /// One key, for reading its element.
  static func buildKey(_ key: Fields, of set: NamedSet, into message: Draft) {
    unsafe withSet(set) { object in
      unsafe add(key, nil, Element(key), to: object)
      unsafe nftnl_set_elems_nlmsg_build_payload(message.header, object)
    }
  }

  static func build(_ set: NamedSet, number: UInt32, into message: Draft) {
    unsafe withSet(set) { object in
      let number32 = { (attribute: nftnl_set_attr, value: UInt32) in unsafe nftnl_set_set_u32(object, UInt16(attribute.rawValue), value) }
      number32(NFTNL_SET_ID, number)
      number32(NFTNL_SET_FLAGS, set.kernelFlags)
      number32(NFTNL_SET_KEY_TYPE, NamedSet.typeNumber(set.key))
      number32(NFTNL_SET_KEY_LEN, UInt32(set.keyLength))
      switch set.target {
      case .nothing: break
      case .verdict:
        number32(NFTNL_SET_DATA_TYPE, NFT_DATA_VERDICT.rawValue)
        number32(NFTNL_SET_DATA_LEN, 16)
      case .fields(let types):
        number32(NFTNL_SET_DATA_TYPE, NamedSet.typeNumber(types))
        number32(NFTNL_SET_DATA_LEN, UInt32(NamedSet.length(types)))
      }
      if let timeout = set.timeout { unsafe nftnl_set_set_u64(object, UInt16(NFTNL_SET_TIMEOUT.rawValue), timeout) }
      if set.isInterval && set.key.count > 1 {
        let lengths = set.key.map { UInt8($0.byteCount) }
        unsafe _ = nftnl_set_set_data(object, UInt16(NFTNL_SET_DESC_CONCAT.rawValue), lengths, UInt32(lengths.count))
      }
      let data = set.userData.bytes
      unsafe _ = nftnl_set_set_data(object, UInt16(NFTNL_SET_USERDATA.rawValue), data, UInt32(data.count))
      // The set takes the expression over and frees it.
      if set.hasCounters, let counter = unsafe nftnl_expr_alloc("counter") { unsafe nftnl_set_add_expr(object, counter) }
      unsafe nftnl_set_nlmsg_build_payload(message.header, object)
    }
  }

  static func build(_ elements: some Sequence<Element>, of set: NamedSet, into message: Draft) {
    unsafe withSet(set) { object in
      for element in elements {
        if set.isTree {
          unsafe add(element.key, nil, element, to: object)
          if let end = (element.last ?? element.key).successor { unsafe add(end, nil, nil, to: object) }
        } else {
          unsafe add(element.key, set.isInterval ? element.last ?? element.key : nil, element, to: object)
        }
      }
      unsafe nftnl_set_elems_nlmsg_build_payload(message.header, object)
    }
  }

  /// Adds one element as the kernel keeps it; without `element` it marks the end of a range.
  private static func add(_ key: Fields, _ last: Fields?, _ element: Element?, to set: OpaquePointer) {
    guard let object = unsafe nftnl_set_elem_alloc() else { return }
    let put = { (attribute: Int, bytes: [UInt8]) in
      unsafe _ = nftnl_set_elem_set(object, UInt16(attribute), bytes, UInt32(bytes.count))
    }
    put(NFTNL_SET_ELEM_KEY, key.bytes)
    if let last { put(NFTNL_SET_ELEM_KEY_END, last.bytes) }
    if let element {
      switch element.value {
      case nil: break
      case .fields(let fields): put(NFTNL_SET_ELEM_DATA, fields.bytes)
      case .verdict(let verdict):
        unsafe nftnl_set_elem_set_u32(object, UInt16(NFTNL_SET_ELEM_VERDICT), UInt32(bitPattern: verdict.kernelNumber))
        if let chain = verdict.chain { unsafe _ = nftnl_set_elem_set_str(object, UInt16(NFTNL_SET_ELEM_CHAIN), chain) }
      }
      let comment = UserData.comment(element.comment)
      if !comment.isEmpty { put(NFTNL_SET_ELEM_USERDATA, comment) }
      if let timeout = element.timeout { unsafe nftnl_set_elem_set_u64(object, UInt16(NFTNL_SET_ELEM_TIMEOUT), timeout) }
    } else {
      unsafe nftnl_set_elem_set_u32(object, UInt16(NFTNL_SET_ELEM_FLAGS), UInt32(NFT_SET_ELEM_INTERVAL_END.rawValue))
    }
    // The set takes the element over and frees it.
    unsafe nftnl_set_elem_add(set, object)
  }

  /// Calls `body` with a libnftnl set that has the name and the table.
  private static func withSet(_ set: NamedSet, _ body: (OpaquePointer) -> Void) {
    guard let object = unsafe nftnl_set_alloc() else { return }
    defer { unsafe nftnl_set_free(object) }
    unsafe _ = nftnl_set_set_str(object, UInt16(NFTNL_SET_TABLE.rawValue), set.table.name)
    unsafe _ = nftnl_set_set_str(object, UInt16(NFTNL_SET_NAME.rawValue), set.name)
    unsafe body(object)
  }
}

extension NamedSet {
  /// NFT_SET_*
  fileprivate var kernelFlags: UInt32 {
    var flags: UInt32 = 0
    if isMap { flags |= UInt32(NFT_SET_MAP.rawValue) }
    if isInterval { flags |= UInt32(NFT_SET_INTERVAL.rawValue) }
    if isInterval && key.count > 1 { flags |= UInt32(NFT_SET_CONCAT.rawValue) }
    if timeout != nil { flags |= UInt32(NFT_SET_TIMEOUT.rawValue) }
    return flags
  }

  /// What nft(8) needs to print the set as it was written. Byte orders: 0 where several fields have their own, 1 host, 2 network.
  fileprivate var userData: UserData {
    let byteOrder = { (types: [DataType]) -> UInt32 in types.count > 1 ? 0 : types[0].isHostOrder ? 1 : 2 }
    var data = UserData()
    data.append(NFTNL_UDATA_SET_KEYBYTEORDER.rawValue, byteOrder(key))
    if case .fields(let types) = target { data.append(NFTNL_UDATA_SET_DATABYTEORDER.rawValue, byteOrder(types)) }
    if let comment { data.append(NFTNL_UDATA_SET_COMMENT.rawValue, comment) }
    return data
  }
}

extension Fields {
  /// The bytes as a number, plus one; nil where there is none.
  fileprivate var successor: Fields? {
    var next = bytes
    for position in next.indices.reversed() {
      next[position] &+= 1
      if next[position] != 0 { return Fields(bytes: next) }
    }
    return nil
  }
}
