import CLinux
public import Linux
public import Netlink

extension RouteSocket {
  /// The number by which the socket's namespace knows another one, as in `Link.linkNamespaceID`: RTM_GETNSID. Nil if it knows none.
  public mutating func identifier(of namespace: borrowing NetworkNamespace) throws(NetlinkError) -> Int32? {
    var message = NetlinkMessage(RTM_GETNSID, operation: "look up a namespace's identifier")
    message.append(rtgenmsg(rtgen_family: 0))
    message.attribute(NETNSA_FD, UInt32(bitPattern: namespace.file.descriptor))
    let identifier = try socket.fetch(message) { (_, payload) throws(NetlinkError) in
      var identifier: Int32?
      payload.forEachAttribute(after: 4) { type, content in
        if type == NETNSA_NSID { identifier = content.load() }
      }
      return identifier
    }
    return identifier.flatMap { $0 < 0 ? nil : $0 }
  }
}
