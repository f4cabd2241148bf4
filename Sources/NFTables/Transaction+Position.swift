import CLinux
import Netlink

extension Transaction {
  /// Which element of a change lies around the given offset in the change's message; nil if the change is no list of elements.
  func position(ofAttributeAt offset: Int, change: Int) -> Int? {
    guard case .elements(_, let set, _) = changes[change], !set.isTree else { return nil }
    // The span is read while the array is borrowed.
    let all = unsafe bytes.span.bytes
    var start = 0
    for _ in 0..<change {
      guard let header = all.load(nlmsghdr.self, at: start) else { return nil }
      start += (Int(header.nlmsg_len) + 3) & ~3
    }
    guard let header = all.load(nlmsghdr.self, at: start) else { return nil }
    let message = all.extracting(start..<(start + Int(header.nlmsg_len)))
    var position = MemoryLayout<nlmsghdr>.size + Ruleset.headerSize
    var answer: Int?
    message.forEachAttribute(after: position) { type, content in
      defer { position += (MemoryLayout<nlattr>.size + content.byteCount + 3) & ~3 }
      guard type == Int(NFTA_SET_ELEM_LIST_ELEMENTS.rawValue) else { return }
      var inner = position + MemoryLayout<nlattr>.size
      var index = 0
      content.forEachAttribute { _, element in
        let end = inner + (MemoryLayout<nlattr>.size + element.byteCount + 3) & ~3
        if inner <= offset && offset < end { answer = index }
        inner = end
        index += 1
      }
    }
    return answer
  }
}
