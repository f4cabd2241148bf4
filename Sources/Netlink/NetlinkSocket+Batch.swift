package import CLinux

/// Whether a conversation goes on after an answer.
package enum Conversation {
  /// More answers are due.
  case goesOn
  /// This was the last one.
  case ends
}

extension NetlinkSocket {
  /// Numbers complete messages that lie one after the other, sends them in one system call, and passes on every answer with the index of
  /// the message it belongs to, until `body` ends the conversation.
  ///
  /// Sequence numbers are written into `bytes`. The send buffer grows with the need (SO_SNDBUFFORCE). Throws ENOBUFS if the kernel has
  /// nothing more to say and `body` still expects something: netfilter's answers are all there when sendmsg(2) returns.
  package mutating func converse(
    _ bytes: inout [UInt8], operation: String,
    _ body: (_ index: Int, _ header: nlmsghdr, _ payload: RawSpan) throws(NetlinkError) -> Conversation
  ) throws(NetlinkError) {
    let first = sequence &+ 1
    var position = 0
    while position + MemoryLayout<nlmsghdr>.size <= bytes.count {
      sequence &+= 1
      NetlinkSocket.write(sequence, to: &bytes, at: position + 8)
      position += (Int(NetlinkSocket.read(bytes, at: position)) + 3) & ~3
    }
    try reserveSendBuffer(bytes.count)
    try send(bytes, operation: operation)
    var conversation = Conversation.goesOn
    while conversation == .goesOn {
      let count = try receive(operation)
      try NetlinkSocket.forEachMessage(in: buffer, count: count) { (header, payload) throws(NetlinkError) in
        let index = header.nlmsg_seq &- first
        guard conversation == .goesOn, index <= sequence &- first else { return }
        conversation = try body(Int(index), header, payload)
      }
    }
  }

  /// The kernel counts a message with its overhead against the send buffer, and answers EMSGSIZE above it.
  private mutating func reserveSendBuffer(_ count: Int) throws(NetlinkError) {
    let ordinary = 131_072
    guard count > max(ordinary, sendBufferSize) else { return }
    try setBufferSizes(send: Int32(clamping: count + ordinary))
    sendBufferSize = count
  }

  private static func write(_ value: UInt32, to bytes: inout [UInt8], at offset: Int) {
    // The offset of a header's field, and the header lies inside the array.
    unsafe bytes.withUnsafeMutableBytes { unsafe $0.storeBytes(of: value, toByteOffset: offset, as: UInt32.self) }
  }

  private static func read(_ bytes: [UInt8], at offset: Int) -> UInt32 {
    unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
  }
}
