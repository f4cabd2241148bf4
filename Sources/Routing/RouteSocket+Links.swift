import CLinux
import Linux
public import Netlink

extension RouteSocket {
  /// The link with this name; nil if there is none.
  public mutating func link(named name: String) throws(NetlinkError) -> Link? {
    var message = NetlinkMessage(RTM_GETLINK, operation: "look up link \(name)")
    message.append(ifinfomsg())
    message.attribute(IFLA_IFNAME, name)
    return try link(message)
  }

  /// The link with this number; nil if there is none.
  public mutating func link(index: Int32) throws(NetlinkError) -> Link? {
    var message = NetlinkMessage(RTM_GETLINK, operation: "look up link number \(index)")
    message.append(ifinfomsg(index: index))
    return try link(message)
  }

  /// All links, or only those of one kind or under one master. Costs in proportion to all links of the namespace.
  public mutating func links(kind: String? = nil, masterIndex: Int32? = nil) throws(NetlinkError) -> [Link] {
    var message = NetlinkMessage(RTM_GETLINK, .dump, operation: "list links")
    message.append(ifinfomsg())
    message.attribute(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
    if let kind { message.nest(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, kind) } }
    if let masterIndex { message.attribute(IFLA_MASTER, masterIndex) }
    return try socket.dump(message) { (type, payload) throws(NetlinkError) in
      guard type == RTM_NEWLINK, let link = Link(payload: payload) else { return nil }
      return (kind == nil || link.kind == kind) && (masterIndex == nil || link.masterIndex == masterIndex) ? link : nil
    }
  }

  /// Carries out a request that creates a link, and in the same system call those that complete it; answers the link, maybe as it first was,
  /// before it got its master. The first request must have the flag `.echo`.
  public mutating func create(_ request: NetlinkMessage, _ completion: NetlinkMessage...) throws(NetlinkError) -> Link {
    var link: Link?
    try socket.exchange([request] + completion) { (_, payload) throws(NetlinkError) in
      if link == nil { link = Link(payload: payload) }
    }
    if let link { return link }
    // Kernels before 6.2 take no notice of the flag.
    guard let name = request.linkName, let link = try self.link(named: name) else {
      throw NetlinkError(.noDevice, request.operation, explanation: "the kernel did not describe the new link")
    }
    return link
  }

  private mutating func link(_ request: NetlinkMessage) throws(NetlinkError) -> Link? {
    var request = request
    request.attribute(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_SKIP_STATS))
    do {
      return try socket.fetch(request) { (_, payload) throws(NetlinkError) in Link(payload: payload) }
    } catch {
      if error.code == .noDevice { return nil }
      throw error
    }
  }
}

extension NetlinkMessage {
  /// The name that a request about a link gives it.
  fileprivate var linkName: String? {
    var name: String?
    // The span is read while the array is borrowed.
    unsafe bytes.span.bytes.forEachAttribute(after: MemoryLayout<nlmsghdr>.size + MemoryLayout<ifinfomsg>.size) { type, content in
      if type == IFLA_IFNAME { name = content.text }
    }
    return name
  }
}

extension ifinfomsg {
  /// A header that names a link, and the flags to change.
  init(family: UInt8 = UInt8(AF_UNSPEC), index: Int32 = 0, set flags: LinkFlags = [], change: LinkFlags = []) {
    self.init(
      ifi_family: family, __ifi_pad: 0, ifi_type: 0, ifi_index: index, ifi_flags: flags.rawValue, ifi_change: change.rawValue)
  }
}
