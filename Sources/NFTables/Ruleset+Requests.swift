import CLinux
import CNftnl
import Linux
import Netlink

extension Ruleset {
  /// Sends a dump request (`flags` are added) and decodes every object of the answer; none if what is asked about does not exist. Starts
  /// again when a change interrupted the dump, ten times at the most (then EINTR).
  mutating func list<Object>(
    _ message: [UInt8], _ operation: String, _ decode: (Reply) throws(NetlinkError) -> Object?
  ) throws(NetlinkError) -> [Object] {
    for _ in 0..<10 {
      var objects: [Object] = [], message = message, failure: NetlinkError?, complete = true
      try socket.converse(&message, operation: operation) { (_, header, payload) throws(NetlinkError) in
        if header.nlmsg_flags & UInt16(NLM_F_DUMP_INTR) != 0 { complete = false }
        switch Int32(header.nlmsg_type) {
        case NLMSG_ERROR, NLMSG_DONE:
          failure = NetlinkError(header, payload, operation: operation)
          return .ends
        default:
          if let object = try decode(Reply(header, payload)) { objects.append(object) }
          return .goesOn
        }
      }
      if let failure {
        if failure.code == .noEntry { return [] }
        if failure.code != .interrupted { throw failure }
        complete = false
      }
      if complete { return objects }
    }
    throw NetlinkError(.interrupted, operation, explanation: "the dump was interrupted ten times")
  }

  /// Sends a request for one object and decodes the answer; nil if it does not exist.
  mutating func find<Object>(
    _ message: [UInt8], _ operation: String, _ decode: (Reply) -> Object?
  ) throws(NetlinkError) -> Object? {
    var object: Object?, message = message, failure: NetlinkError?
    try socket.converse(&message, operation: operation) { (_, header, payload) throws(NetlinkError) in
      if Int32(header.nlmsg_type) == NLMSG_ERROR {
        failure = NetlinkError(header, payload, operation: operation)
      } else {
        object = decode(Reply(header, payload))
      }
      return .ends
    }
    if let failure, failure.code != .noEntry { throw failure }
    return object
  }
}
