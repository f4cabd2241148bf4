import CLinux
import CNftnl
import Linux
public import Netlink

/// The nftables ruleset of the network namespace in which it was opened.
public struct Ruleset: ~Copyable {
  /// The netfilter socket; other netfilter subsystems, such as connection tracking, may use it too.
  public var socket: NetlinkSocket

  /// Opens the ruleset of the calling thread's network namespace.
  public init() throws(NetlinkError) { socket = try NetlinkSocket(.netfilter) }

  /// Uses a socket that is open already.
  public init(socket: consuming NetlinkSocket) { self.socket = socket }

  /// The number of the ruleset's present state, which every transaction of anybody changes; NFT_MSG_GETGEN.
  public mutating func generation() throws(NetlinkError) -> UInt32 {
    let message = Transaction.message(NFT_MSG_GETGEN, .inet, 0) { _ in }
    var generation: UInt32?
    try request(message, "read the ruleset's generation") { payload in
      payload.forEachAttribute(after: Ruleset.headerSize) { type, content in
        if type == Int(NFTA_GEN_ID.rawValue) { generation = content.load(UInt32.self)?.byteSwapped }
      }
    }
    guard let generation else { throw NetlinkError(.badMessage, "read the ruleset's generation") }
    return generation
  }

  /// Has the kernel make all changes of a transaction or none.
  ///
  /// With a generation, only if nobody has changed the ruleset since: otherwise ERESTART (`.restart`), which costs next to nothing. Another
  /// refusal names the change, in a list of elements the element, and costs the kernel about 10 ms.
  public mutating func commit(_ transaction: Transaction, ifStill generation: UInt32? = nil) throws(NetlinkError) {
    if transaction.isEmpty { return }
    if let refusal = transaction.refusal { throw refusal }
    var bytes = Ruleset.boundary(NFNL_MSG_BATCH_BEGIN, generation: generation)
    let last = bytes.count + transaction.lastStart
    bytes += transaction.bytes
    // Only the last change is to be acknowledged (errors always come): acknowledgements of all would overflow the socket.
    bytes[last + 6] |= UInt8(NLM_F_ACK)
    bytes += Ruleset.boundary(NFNL_MSG_BATCH_END, generation: nil)
    var failure: NetlinkError?
    let count = transaction.changes.count
    try socket.converse(&bytes, operation: "change the ruleset") { (index, header, payload) throws(NetlinkError) in
      guard Int32(header.nlmsg_type) == NLMSG_ERROR else { return .goesOn }
      if failure == nil, let code = payload.load(Int32.self), code < 0 {
        failure = Ruleset.failure(of: transaction, index: index, header, payload)
      }
      // An error for the beginning stands for all (a stale generation, no memory); else everything comes before the last one's answer.
      return index == 0 || index == count ? .ends : .goesOn
    }
    if let failure { throw failure }
  }

  /// Sends a request for one object and calls `body` with its payload, the family's header included.
  mutating func request(_ message: [UInt8], _ operation: String, _ body: (RawSpan) throws(NetlinkError) -> Void) throws(NetlinkError) {
    var message = message, failure: NetlinkError?
    try socket.converse(&message, operation: operation) { (_, header, payload) throws(NetlinkError) in
      if Int32(header.nlmsg_type) == NLMSG_ERROR {
        failure = NetlinkError(header, payload, operation: operation)
      } else {
        try body(payload)
      }
      return .ends
    }
    if let failure { throw failure }
  }

  /// The length of `nfgenmsg`, after which an object's attributes begin.
  static var headerSize: Int { MemoryLayout<nfgenmsg>.size }

  private static func failure(of transaction: Transaction, index: Int, _ header: nlmsghdr, _ payload: RawSpan) -> NetlinkError? {
    guard index > 0, index <= transaction.changes.count else { return NetlinkError(header, payload, operation: "change the ruleset") }
    let position = NetlinkError.offset(header, payload).flatMap { transaction.position(ofAttributeAt: Int($0), change: index - 1) }
    return NetlinkError(header, payload, operation: transaction.changes[index - 1].description(position: position))
  }

  private static func boundary(_ type: Int32, generation: UInt32?) -> [UInt8] {
    var message = NetlinkMessage(type, operation: "")
    message.append(nfgenmsg(nfgen_family: 0, version: UInt8(NFNETLINK_V0), res_id: UInt16(NFNL_SUBSYS_NFTABLES).bigEndian))
    if let generation { message.attribute(NFNL_BATCH_GENID.rawValue, generation.bigEndian) }
    var bytes = message.bytes
    bytes[6] = UInt8(NLM_F_REQUEST)
    return bytes
  }
}
