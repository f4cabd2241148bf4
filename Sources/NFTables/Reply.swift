import CLinux
import CNftnl
import Netlink

/// A message of the kernel as it came: libnftnl reads it from its header on.
struct Reply {
  private let bytes: [UInt8]

  init(_ header: nlmsghdr, _ payload: RawSpan) {
    var header = header
    bytes = unsafe [UInt8](unsafeUninitializedCapacity: MemoryLayout<nlmsghdr>.size + payload.byteCount) { buffer, count in
      // Header and payload follow each other in a buffer of the size of both.
      let whole = UnsafeMutableRawBufferPointer(buffer)
      unsafe withUnsafeBytes(of: &header) { unsafe whole.copyMemory(from: $0) }
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: whole[MemoryLayout<nlmsghdr>.size...])
      unsafe payload.withUnsafeBytes { unsafe rest.copyMemory(from: $0) }
      count = whole.count
    }
  }

  /// Has libnftnl read the message; `parse` answers a negative number if it cannot.
  func parsed(by parse: (UnsafePointer<nlmsghdr>) -> Int32) -> Bool {
    unsafe bytes.withUnsafeBytes {
      // The bytes begin with the header, and its length has been checked when it was received.
      guard let header = unsafe $0.bindMemory(to: nlmsghdr.self).baseAddress else { return false }
      return unsafe parse(header) >= 0
    }
  }

  /// Calls `body` with the attributes behind the family's header.
  func forEachAttribute(_ body: (_ type: Int, _ content: RawSpan) -> Void) {
    // The span is read while the array is borrowed.
    unsafe bytes.span.bytes.forEachAttribute(after: MemoryLayout<nlmsghdr>.size + Ruleset.headerSize, body)
  }

  /// The family in the header behind netlink's.
  var family: Family? { Family(rawValue: bytes[MemoryLayout<nlmsghdr>.size]) }
}
