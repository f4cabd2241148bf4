import CLinux
import Glibc
import Linux

extension NetlinkSocket {
  /// Hears the groups' messages of all network namespaces that the socket's own knows by a number, not only its own: NETLINK_LISTEN_ALL_NSID.
  /// Keeps none of them alive. Needs CAP_NET_BROADCAST.
  public func listenToAllNamespaces() throws(NetlinkError) {
    var yes: Int32 = 1
    // SOL_NETLINK and the option of `linux/netlink.h`; its value is one Int32.
    guard unsafe setsockopt(descriptor, 270, 8, &yes, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
      throw NetlinkError(.last, "listen to all network namespaces")
    }
  }

  /// Decodes all messages that have come without being asked for, leaving out those that `decode` answers with nil. `flags` are NLM_F_*; `namespace`
  /// is the number of the namespace that a message comes from, nil for the socket's own. Does not wait.
  ///
  /// Throws ENOBUFS when messages were lost because they were not read fast enough: what is known from events must be read anew.
  public mutating func receiveBroadcasts<Object>(
    _ decode: (_ type: UInt16, _ flags: UInt16, _ namespace: Int32?, _ payload: RawSpan) throws(NetlinkError) -> Object?
  ) throws(NetlinkError) -> [Object] {
    var objects: [Object] = []
    while try receiveBroadcast({ (type, flags, namespace, payload) throws(NetlinkError) in
      if let object = try decode(type, flags, namespace, payload) { objects.append(object) }
    }) {}
    return objects
  }

  /// One datagram; answers false if there is none.
  private mutating func receiveBroadcast(
    _ body: (_ type: UInt16, _ flags: UInt16, _ namespace: Int32?, _ payload: RawSpan) throws(NetlinkError) -> Void
  ) throws(NetlinkError) -> Bool {
    var namespace: Int32?
    var control = [UInt8](repeating: 0, count: 64)
    var count = 0
    let descriptor = descriptor
    repeat {
      // The kernel writes at most as many bytes as the two lengths say, and both arrays live until it has.
      count = unsafe buffer.withUnsafeMutableBytes { data in
        unsafe control.withUnsafeMutableBytes { control in
          var part = unsafe iovec(iov_base: data.baseAddress, iov_len: data.count)
          return unsafe withUnsafeMutablePointer(to: &part) { part in
            var header = unsafe msghdr(
              msg_name: nil, msg_namelen: 0, msg_iov: part, msg_iovlen: 1, msg_control: control.baseAddress,
              msg_controllen: control.count, msg_flags: 0)
            return unsafe recvmsg(descriptor, &header, 0)
          }
        }
      }
    } while count < 0 && Errno.last == .interrupted
    if count < 0 {
      if Errno.last == .tryAgain { return false }
      throw NetlinkError(.last, "receive netlink events")
    }
    // One control message at the most: its length, level and type, then the number (cmsg(3)).
    let level = NetlinkSocket.number(control, 8), type = NetlinkSocket.number(control, 12)
    if NetlinkSocket.number(control, 0) >= 20, level == 270, type == 8 { namespace = NetlinkSocket.number(control, 16) }
    try NetlinkSocket.forEachMessage(in: buffer, count: count) { (header, payload) throws(NetlinkError) in
      try body(header.nlmsg_type, header.nlmsg_flags, namespace, payload)
    }
    return true
  }

  private static func number(_ bytes: [UInt8], _ offset: Int) -> Int32 {
    bytes[offset..<(offset + 4)].reversed().reduce(0) { $0 << 8 | Int32($1) }
  }
}
