package import CLinux
import CMnl
import Glibc
import Linux

extension NetlinkSocket {
  /// Sends requests in one system call, passes every object of the replies to `body`, and returns when each request has been answered.
  ///
  /// Answers false if the kernel said that a dump was interrupted by a change. Throws the first failure after all have been answered.
  @discardableResult
  package mutating func exchange(
    _ messages: [NetlinkMessage], _ body: (_ type: UInt16, _ payload: RawSpan) throws(NetlinkError) -> Void
  ) throws(NetlinkError) -> Bool {
    let first = sequence &+ 1
    var bytes: [UInt8] = []
    for var message in messages {
      sequence &+= 1
      message.number(sequence)
      bytes += message.bytes
    }
    try send(bytes, operation: messages[0].operation)

    var unanswered = Set(messages.indices)
    var complete = true
    var failure: NetlinkError?
    while !unanswered.isEmpty {
      let count = try receive(messages[0].operation)
      try NetlinkSocket.forEachMessage(in: buffer, count: count) { (header, payload) throws(NetlinkError) in
        let index = Int(header.nlmsg_seq &- first)
        guard unanswered.contains(index) else { return }
        if header.nlmsg_flags & UInt16(NLM_F_DUMP_INTR) != 0 { complete = false }
        switch Int32(header.nlmsg_type) {
        case NLMSG_ERROR, NLMSG_DONE:
          unanswered.remove(index)
          if failure == nil { failure = NetlinkError(header, payload, operation: messages[index].operation) }
        case NLMSG_NOOP, NLMSG_OVERRUN: break
        default: try body(header.nlmsg_type, payload)
        }
      }
    }
    if let failure { throw failure }
    return complete
  }

  /// Sends bytes that are complete netlink messages.
  package func send(_ bytes: [UInt8], operation: String) throws(NetlinkError) {
    while true {
      // libmnl sends exactly the bytes it is given the number of.
      if unsafe mnl_socket_sendto(socket, bytes, bytes.count) >= 0 { return }
      if Errno.last != .interrupted { throw NetlinkError(.last, operation) }
    }
  }

  /// Reads one datagram into the buffer and answers its length.
  ///
  /// The kernel answers inside sendmsg(2), so nothing to read means that the answer was lost: ENOBUFS.
  mutating func receive(_ operation: String, lossIsFailure: Bool = false) throws(NetlinkError) -> Int {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe mnl_socket_recvfrom(socket, $0.baseAddress, $0.count) }
      if count >= 0 { return count }
      switch Errno.last {
      case .noBuffers where lossIsFailure: throw NetlinkError(.noBuffers, operation)
      case .interrupted, .noBuffers: continue
      case .tryAgain: throw NetlinkError(.noBuffers, operation, explanation: "the kernel's answer was lost")
      case let code: throw NetlinkError(code, operation)
      }
    }
  }

  /// Calls `body` with the header and the payload of each message in the first `count` bytes. A damaged message ends the walk.
  package static func forEachMessage(
    in buffer: [UInt8], count: Int, _ body: (_ header: nlmsghdr, _ payload: RawSpan) throws(NetlinkError) -> Void
  ) throws(NetlinkError) {
    // The span is read while the array is borrowed.
    let bytes = unsafe buffer.span.bytes.extracting(..<count), headerSize = MemoryLayout<nlmsghdr>.size
    var position = 0
    while let header = bytes.load(nlmsghdr.self, at: position) {
      let length = Int(header.nlmsg_len)
      guard length >= headerSize, length <= count - position else { return }
      try body(header, bytes.extracting((position + headerSize)..<(position + length)))
      position += (length + 3) & ~3
    }
  }
}

extension NetlinkError {
  /// Reads an answer of type NLMSG_ERROR or NLMSG_DONE; nil if it says that all is well.
  package init?(_ header: nlmsghdr, _ payload: RawSpan, operation: String) {
    guard let number = payload.load(Int32.self), number < 0 else { return nil }
    var explanation: String?
    NetlinkError.forEachAttribute(header, payload) { type, content in
      if type == Int(NLMSGERR_ATTR_MSG.rawValue) { explanation = content.text }
    }
    self.init(Errno(rawValue: -number), operation, explanation: explanation)
  }

  /// Where in the refused message the attribute begins that the kernel objects to, in bytes (NLMSGERR_ATTR_OFFS); nil if it does not say.
  package static func offset(_ header: nlmsghdr, _ payload: RawSpan) -> UInt32? {
    var offset: UInt32?
    forEachAttribute(header, payload) { type, content in
      if type == Int(NLMSGERR_ATTR_OFFS.rawValue) { offset = content.load() }
    }
    return offset
  }

  /// The attributes of an extended acknowledgement.
  private static func forEachAttribute(_ header: nlmsghdr, _ payload: RawSpan, _ body: (_ type: Int, _ content: RawSpan) -> Void) {
    // After the number an error repeats the request: its header, and the rest unless NETLINK_CAP_ACK took effect.
    var start = MemoryLayout<Int32>.size
    if Int32(header.nlmsg_type) == NLMSG_ERROR {
      let request = payload.load(nlmsghdr.self, at: start)
      let capped = header.nlmsg_flags & UInt16(NLM_F_CAPPED) != 0
      start += capped ? MemoryLayout<nlmsghdr>.size : (Int(request?.nlmsg_len ?? 0) + 3) & ~3
    }
    if header.nlmsg_flags & UInt16(NLM_F_ACK_TLVS) != 0, start <= payload.byteCount { payload.forEachAttribute(after: start, body) }
  }
}
