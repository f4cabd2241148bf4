import CLinux
import Linux
import NFTables
import Netlink

extension RulesetView {
  static func readSets(_ socket: inout NetlinkSocket) throws(NetlinkError) -> [SetView] {
    let drafts = try socket.dump(request(NFT_MSG_GETSET, nil, "list sets")) { (_, payload) throws(NetlinkError) in SetDraft(payload) }
    var sets: [SetView] = []
    for draft in drafts {
      var message = request(NFT_MSG_GETSETELEM, draft.family, "list the elements of \(draft.table) \(draft.name)")
      message.attribute(NFTA_SET_ELEM_LIST_TABLE.rawValue, draft.table)
      message.attribute(NFTA_SET_ELEM_LIST_SET.rawValue, draft.name)
      do {
        let lists = try socket.dump(message) { (_, payload) throws(NetlinkError) in SetDraft.elements(payload) }
        sets.append(draft.complete(Array(lists.joined())))
      } catch {
        // Gone meanwhile: the generation will differ.
        if error.code != .noEntry { throw error }
      }
    }
    return sets
  }
}

/// A set while it is read.
struct SetDraft {
  /// An element as the kernel keeps it.
  struct RawElement {
    var key: [UInt8] = [], last: [UInt8]?, isEnd = false, isCatchAll = false
    var value: [UInt8]?, verdict: Verdict?, counter: Counter?, comment: String?
  }

  let family: Family
  let table: String
  let name: String
  private let flags: UInt32
  private let keyType: UInt32
  private let keyLength: Int
  private let valueType: UInt32
  private let comment: String?

  init?(_ payload: RawSpan) {
    guard let header = payload.load(nfgenmsg.self), let family = Family(rawValue: header.nfgen_family) else { return nil }
    var table = "", name = "", flags: UInt32 = 0, keyType: UInt32 = 0, keyLength: UInt32 = 0, valueType: UInt32 = 0, comment: String?
    payload.forEachAttribute(after: MemoryLayout<nfgenmsg>.size) { type, content in
      let number = content.load(UInt32.self)?.byteSwapped ?? 0
      switch type {
      case Int(NFTA_SET_TABLE.rawValue): table = content.text
      case Int(NFTA_SET_NAME.rawValue): name = content.text
      case Int(NFTA_SET_FLAGS.rawValue): flags = number
      case Int(NFTA_SET_KEY_TYPE.rawValue): keyType = number
      case Int(NFTA_SET_KEY_LEN.rawValue): keyLength = number
      case Int(NFTA_SET_DATA_TYPE.rawValue): valueType = number
      // NFTNL_UDATA_SET_COMMENT
      case Int(NFTA_SET_USERDATA.rawValue): comment = UserData.text(7, in: content.array)
      default: break
      }
    }
    (self.family, self.table, self.name, self.flags, self.keyType) = (family, table, name, flags, keyType)
    (self.keyLength, self.valueType, self.comment) = (Int(keyLength), valueType, comment)
  }

  /// The elements in one message of a dump.
  static func elements(_ payload: RawSpan) -> [RawElement] {
    var elements: [RawElement] = []
    payload.forEachAttribute(after: MemoryLayout<nfgenmsg>.size) { type, content in
      guard type == Int(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue) else { return }
      content.forEachAttribute { _, content in elements.append(element(content)) }
    }
    return elements
  }

  private static func element(_ content: RawSpan) -> RawElement {
    let attributes = ExpressionAttributes(content)
    var element = RawElement()
    element.key = attributes.value(NFTA_SET_ELEM_KEY) ?? []
    element.last = attributes.value(NFTA_SET_ELEM_KEY_END)
    let flags = attributes.number(NFTA_SET_ELEM_FLAGS) ?? 0
    element.isEnd = flags & UInt32(NFT_SET_ELEM_INTERVAL_END.rawValue) != 0
    element.isCatchAll = flags & UInt32(NFT_SET_ELEM_CATCHALL.rawValue) != 0
    element.value = attributes.value(NFTA_SET_ELEM_DATA)
    if case .verdict(let verdict)? = attributes.verdict(NFTA_SET_ELEM_DATA) { element.verdict = verdict }
    element.comment = attributes[NFTA_SET_ELEM_USERDATA].flatMap { UserData.text(0, in: $0) }
    content.forEachAttribute { type, content in
      if type == Int(NFTA_SET_ELEM_EXPR.rawValue) {
        content.forEachAttribute { type, content in
          if type == Int(NFTA_EXPR_DATA.rawValue) { element.counter = Counter(content) }
        }
      }
    }
    return element
  }

  /// The set with its elements, ranges joined.
  func complete(_ raw: [RawElement]) -> SetView {
    let isInterval = flags & UInt32(NFT_SET_INTERVAL.rawValue) != 0, isJoined = flags & UInt32(NFT_SET_CONCAT.rawValue) != 0
    let isVerdict = valueType == UInt32(NFT_DATA_VERDICT.rawValue)
    return SetView(
      table: Table(family, table), name: name, keyTypes: NFTType.fields(keyType),
      valueTypes: flags & UInt32(NFT_SET_MAP.rawValue) == 0 || isVerdict ? [] : NFTType.fields(valueType), leadsToVerdicts: isVerdict,
      keyLength: keyLength,
      isInterval: isInterval, elements: isInterval && !isJoined ? ranges(raw) : raw.map { finished($0, last: $0.last ?? $0.key) },
      comment: comment)
  }

  /// A tree keeps where ranges begin and where the next free key is.
  private func ranges(_ raw: [RawElement]) -> [SetView.Element] {
    let sorted = raw.filter { !$0.isCatchAll }.sorted {
      $0.key == $1.key ? $0.isEnd && !$1.isEnd : $0.key.lexicographicallyPrecedes($1.key)
    }
    var elements: [SetView.Element] = [], open: RawElement?
    for element in sorted {
      if let begun = open { elements.append(finished(begun, last: element.key.predecessor)) }
      open = element.isEnd ? nil : element
    }
    if let begun = open { elements.append(finished(begun, last: [UInt8](repeating: 0xFF, count: keyLength))) }
    return elements + raw.filter(\.isCatchAll).map { finished($0, last: $0.key) }
  }

  private func finished(_ element: RawElement, last: [UInt8]) -> SetView.Element {
    let key = element.isCatchAll ? [UInt8](repeating: 0, count: keyLength) : element.key
    let end = element.isCatchAll ? [UInt8](repeating: 0xFF, count: keyLength) : last
    return SetView.Element(
      key: key, last: end, value: element.value, verdict: element.verdict, counter: element.counter, comment: element.comment)
  }
}

extension [UInt8] {
  /// The number in network byte order, minus one.
  fileprivate var predecessor: [UInt8] {
    var bytes = self
    for position in bytes.indices.reversed() {
      bytes[position] &-= 1
      if bytes[position] != 0xFF { break }
    }
    return bytes
  }
}
