import CLinux
import CNftnl
import Linux
public import Netlink

extension Ruleset {
  /// All elements of a set or map, which must be given as it was created; none if there is no such set.
  public mutating func elements(_ set: NamedSet) throws(NetlinkError) -> [Element] {
    guard Limits.admit(set) else { return [] }
    let message = Transaction.message(NFT_MSG_GETSETELEM, set.table.family, Ruleset.dump) {
      Transaction.build([], of: set, into: $0)
    }
    var raw: [RawElement] = []
    for part in try list(message, "list the elements of \(set)", { RawElement.elements($0) }) { raw += part }
    return RawElement.joined(raw, set)
  }

  /// The element with that key, in an interval set the range around it; nil if there is none.
  public mutating func element(_ key: Fields, of set: NamedSet) throws(NetlinkError) -> Element? {
    try elements([key], of: set)[0]
  }

  /// For each key its element, or nil: one request a key, sent sixteen at a time so that the answers fit the socket.
  public mutating func elements(_ keys: [Fields], of set: NamedSet) throws(NetlinkError) -> [Element?] {
    try elements(keys.map { ($0, set) })
  }

  /// For each key and set its element, or nil.
  public mutating func elements(_ keys: [(key: Fields, set: NamedSet)]) throws(NetlinkError) -> [Element?] {
    guard keys.allSatisfy({ Limits.admit($0.key) && Limits.admit($0.set) }) else {
      throw NetlinkError(.invalid, "read elements", explanation: "a name or a key is too long")
    }
    var found = [Element?](repeating: nil, count: keys.count)
    var start = 0
    while start < keys.count {
      let end = min(start + 16, keys.count)
      var messages: [UInt8] = []
      for (key, set) in keys[start..<end] {
        messages += Transaction.message(
          NFT_MSG_GETSETELEM, set.table.family, 0
        ) {
          Transaction.buildKey(key, of: set, into: $0)
        }
      }
      var failure: NetlinkError?
      var unanswered = end - start
      try socket.converse(&messages, operation: "read elements of \(keys[start].set)") { (index, header, payload) throws(NetlinkError) in
        unanswered -= 1
        let (_, set) = keys[start + index]
        if Int32(header.nlmsg_type) == NLMSG_ERROR {
          if let error = NetlinkError(header, payload, operation: "read an element of \(set)"), error.code != .noEntry { failure = error }
        } else {
          found[start + index] = RawElement.joined(RawElement.elements(Reply(header, payload)), set).first
        }
        return unanswered == 0 ? .ends : .goesOn
      }
      if let failure { throw failure }
      start = end
    }
    return found
  }
}

/// An element as the kernel keeps it: a range of one field is two of them.
private struct RawElement {
  let element: Element
  let isEnd: Bool

  /// Reads the elements of one message.
  static func elements(_ reply: Reply) -> [RawElement] {
    guard let object = unsafe nftnl_set_alloc() else { return [] }
    defer { unsafe nftnl_set_free(object) }
    guard unsafe reply.parsed(by: { unsafe nftnl_set_elems_nlmsg_parse($0, object) }), let walk = unsafe nftnl_set_elems_iter_create(object)
    else {
      return []
    }
    defer { unsafe nftnl_set_elems_iter_destroy(walk) }
    var elements: [RawElement] = []
    while let next = unsafe nftnl_set_elems_iter_next(walk) { elements.append(unsafe RawElement(next)) }
    return elements
  }

  /// Makes single keys and ranges of what the kernel keeps for a set.
  static func joined(_ raw: [RawElement], _ set: NamedSet) -> [Element] {
    guard set.isTree else { return raw.map(\.element) }
    var elements: [Element] = []
    // Ends come before beginnings of the same key: a range that ends where the next one begins.
    let sorted = raw.sorted {
      $0.element.key.bytes == $1.element.key.bytes
        ? $0.isEnd && !$1.isEnd : $0.element.key.bytes.lexicographicallyPrecedes($1.element.key.bytes)
    }
    for (position, one) in sorted.enumerated() where !one.isEnd {
      let key = one.element.key
      let next = position + 1 < sorted.count ? sorted[position + 1].element.key : nil
      // Without an end, a range reaches to the highest key (or was asked for alone, and its end is not known).
      let last = next?.predecessor ?? (raw.count == 1 ? key : Fields(bytes: [UInt8](repeating: 0xFF, count: key.bytes.count)))
      elements.append(one.element.through(last))
    }
    return elements
  }

  private init(_ source: OpaquePointer) {
    // libnftnl answers with pointers into the element, which lives until its set is freed; everything is copied here.
    let bytes = { (attribute: Int) -> [UInt8]? in
      guard unsafe nftnl_set_elem_is_set(source, UInt16(attribute)) else { return nil }
      var length: UInt32 = 0
      let start = unsafe nftnl_set_elem_get(source, UInt16(attribute), &length)
      return unsafe copy(start, length)
    }
    let has = { (attribute: Int) in unsafe nftnl_set_elem_is_set(source, UInt16(attribute)) }
    var value: Element.Value?
    if has(NFTNL_SET_ELEM_VERDICT) {
      let chain = unsafe nftnl_set_elem_get_str(source, UInt16(NFTNL_SET_ELEM_CHAIN)).map { unsafe String(cString: $0) }
      let number = unsafe nftnl_set_elem_get_u32(source, UInt16(NFTNL_SET_ELEM_VERDICT))
      value = Verdict(kernelNumber: Int32(bitPattern: number), chain: chain).map { .verdict($0) }
    } else if let data = bytes(NFTNL_SET_ELEM_DATA) {
      value = .fields(Fields(bytes: data))
    }
    var counter: Counter?
    if has(NFTNL_SET_ELEM_EXPR), let start = unsafe nftnl_set_elem_get(source, UInt16(NFTNL_SET_ELEM_EXPR), nil),
      case .counter(let found) = unsafe Expression(OpaquePointer(start))
    {
      counter = found
    }
    element = Element(
      Fields(bytes: bytes(NFTNL_SET_ELEM_KEY) ?? []), through: bytes(NFTNL_SET_ELEM_KEY_END).map { Fields(bytes: $0) }, to: value,
      comment: UserData.text(0, in: bytes(NFTNL_SET_ELEM_USERDATA) ?? []),
      timeout: has(NFTNL_SET_ELEM_TIMEOUT) ? unsafe nftnl_set_elem_get_u64(source, UInt16(NFTNL_SET_ELEM_TIMEOUT)) : nil, counter: counter)
    let flags = has(NFTNL_SET_ELEM_FLAGS) ? unsafe nftnl_set_elem_get_u32(source, UInt16(NFTNL_SET_ELEM_FLAGS)) : 0
    isEnd = flags & UInt32(NFT_SET_ELEM_INTERVAL_END.rawValue) != 0
  }
}

extension Element {
  fileprivate func through(_ last: Fields?) -> Element {
    Element(key, through: last, to: value, comment: comment, timeout: timeout, counter: counter)
  }
}

extension Fields {
  /// The bytes as a number, minus one; nil for zero.
  fileprivate var predecessor: Fields? {
    var previous = bytes
    for position in previous.indices.reversed() {
      previous[position] &-= 1
      if previous[position] != 0xFF { return Fields(bytes: previous) }
    }
    return nil
  }
}
