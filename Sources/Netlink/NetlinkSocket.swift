import CLinux
import CMnl
import Glibc
public import Linux

/// A netlink socket with its buffer. Requests are answered before the next one is sent.
///
/// Extended acknowledgements and strict checking are on; the kernel chooses the port number.
@safe public struct NetlinkSocket: ~Copyable {
  /// The kernel's netlink protocols that we speak.
  public enum Family: Int32, Sendable {
    /// NETLINK_ROUTE: links, addresses, routes.
    case route = 0
    /// NETLINK_SOCK_DIAG: sockets.
    case socketDiagnostics = 4
    /// NETLINK_NETFILTER: nftables, conntrack.
    case netfilter = 12
    /// NETLINK_GENERIC: families that are found by their names.
    case generic = 16
  }

  let socket: OpaquePointer
  var buffer: [UInt8]
  var sequence: UInt32
  /// What one message may be long after `setBufferSizes`, in bytes.
  var sendBufferSize = 0

  /// Opens a socket in the network namespace of the calling thread, and joins multicast groups, given by their numbers (RTNLGRP_LINK).
  public init(_ family: Family, groups: [UInt32] = []) throws(NetlinkError) {
    unsafe socket = try NetlinkSocket.open(family, groups: groups)
    buffer = [UInt8](scratch: 32768)
    sequence = 0
  }

  deinit { unsafe _ = mnl_socket_close(socket) }

  /// The file descriptor, for poll(2) and for handing to another process.
  public var descriptor: Int32 { unsafe mnl_socket_get_fd(socket) }

  /// Raises the kernel's limit for what can wait to be sent and received, in bytes; needs CAP_NET_ADMIN.
  public func setBufferSizes(send: Int32? = nil, receive: Int32? = nil) throws(NetlinkError) {
    for (option, size) in [(SO_SNDBUFFORCE, send), (SO_RCVBUFFORCE, receive)] {
      guard var size else { continue }
      // The option's value is one Int32.
      guard unsafe setsockopt(descriptor, SOL_SOCKET, option, &size, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
        throw NetlinkError(.last, "set the netlink buffer to \(size) bytes")
      }
    }
  }

  /// Sends one request and waits for its acknowledgement.
  public mutating func perform(_ message: NetlinkMessage) throws(NetlinkError) {
    try perform([message])
  }

  /// Sends requests in one system call and waits for all acknowledgements. The kernel carries out every one of them, also those after
  /// one that fails; the first failure is thrown.
  public mutating func perform(_ messages: [NetlinkMessage]) throws(NetlinkError) {
    try exchange(messages) { (_, _) throws(NetlinkError) in }
  }

  /// Sends one request and decodes the first object of its reply; nil if there is none.
  public mutating func fetch<Object>(
    _ message: NetlinkMessage, _ decode: (_ type: UInt16, _ payload: RawSpan) throws(NetlinkError) -> Object?
  ) throws(NetlinkError) -> Object? {
    var object: Object?
    try exchange([message]) { (type, payload) throws(NetlinkError) in
      if object == nil { object = try decode(type, payload) }
    }
    return object
  }

  /// Sends a dump request and decodes every object of the reply, leaving out those that `decode` answers with nil.
  /// Starts again when the kernel says that the dump was interrupted by a change, ten times at the most (then EINTR).
  public mutating func dump<Object>(
    _ message: NetlinkMessage, _ decode: (_ type: UInt16, _ payload: RawSpan) throws(NetlinkError) -> Object?
  ) throws(NetlinkError) -> [Object] {
    for _ in 0..<10 {
      var objects: [Object] = []
      let complete = try exchange([message]) { (type, payload) throws(NetlinkError) in
        if let object = try decode(type, payload) { objects.append(object) }
      }
      if complete { return objects }
    }
    throw NetlinkError(.interrupted, message.operation, explanation: "the dump was interrupted ten times")
  }

  /// Waits for messages that were not asked for, of the groups joined, and decodes them. Answers whether any came within the time.
  ///
  /// Throws ENOBUFS when messages were lost because they were not read fast enough.
  public mutating func receiveEvents(
    milliseconds: Int32, _ body: (_ type: UInt16, _ payload: RawSpan) throws(NetlinkError) -> Void
  ) throws(NetlinkError) -> Bool {
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // One structure, as the count says.
    let ready = unsafe poll(&wait, 1, milliseconds)
    if ready < 0 && Errno.last != .interrupted { throw NetlinkError(.last, "wait for netlink events") }
    guard ready > 0 else { return false }
    let count = try receive("receive netlink events", lossIsFailure: true)
    try NetlinkSocket.forEachMessage(in: buffer, count: count) { (header, payload) throws(NetlinkError) in
      try body(header.nlmsg_type, payload)
    }
    return true
  }

  /// Sends a request from a process of its own, and does not wait for the answer: for RTM_DELLINK, whose answer comes long after its effect.
  ///
  /// `held` are sockets, three at the most, whose close() is slow for the same reason. This socket may not be used for requests afterwards.
  /// From the file that is returned the answer can be read: an Int32, 0 or a negative error number, or nothing if that process was killed.
  public mutating func sendDetached(_ message: NetlinkMessage, holding held: [Int32] = []) throws(NetlinkError) -> OwnedFile {
    sequence &+= 1
    var message = message
    message.number(sequence)
    let bytes = message.bytes
    // The array lives until the child has its copy of the memory.
    let answer = unsafe clinux_send_detached(descriptor, held, Int32(held.count), bytes, bytes.count)
    if answer < 0 { throw NetlinkError(Errno(rawValue: -answer), message.operation) }
    return OwnedFile(adopting: answer)
  }

  /// Has a process of its own close the socket's last reference, once this process has ended: for netfilter's, whose close() waits until all
  /// that was deleted before has been freed. Only for a process with a single thread, and shortly before its end.
  public func deferClosing() throws(NetlinkError) {
    let held = clinux_hold_detached(descriptor)
    if held < 0 { throw NetlinkError(Errno(rawValue: -held), "hand a socket over") }
  }

  private static func open(_ family: Family, groups: [UInt32]) throws(NetlinkError) -> OpaquePointer {
    let operation = "open a netlink socket", flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    // libmnl allocates the socket; deinit frees it.
    guard let socket = unsafe mnl_socket_open2(family.rawValue, flags) else { throw NetlinkError(.last, operation) }
    var options: [(Int32, UInt32)] = [(NETLINK_EXT_ACK, 1), (NETLINK_CAP_ACK, 1)] + groups.map { (NETLINK_ADD_MEMBERSHIP, $0) }
    if family == .route { options.append((NETLINK_GET_STRICT_CHK, 1)) }
    var ready = unsafe mnl_socket_bind(socket, 0, 0) == 0
    for (option, value) in options where ready {
      // Every option's value is one 32-bit number.
      ready = unsafe withUnsafePointer(to: value) {
        unsafe mnl_socket_setsockopt(socket, option, UnsafeMutableRawPointer(mutating: $0), 4) == 0
      }
    }
    if ready { return unsafe socket }
    let failure = NetlinkError(.last, operation)
    unsafe _ = mnl_socket_close(socket)
    throw failure
  }
}
