import CLinux
import Linux

extension NetlinkMessage {
  /// Starts a request to a family of generic netlink, whose number is another one in each kernel: `linux/genetlink.h`.
  public init(
    family: UInt16, command: some BinaryInteger, version: UInt8 = 1, _ flags: NetlinkFlags = [], operation: String
  ) {
    self.init(family, flags, operation: operation)
    append(genlmsghdr(cmd: UInt8(command), version: version, reserved: 0))
  }
}

extension NetlinkSocket {
  /// The number of a family of generic netlink, CTRL_CMD_GETFAMILY; nil if the kernel does not know it. The kernel loads the module that has it.
  public mutating func genericFamily(named name: String) throws(NetlinkError) -> UInt16? {
    var message = NetlinkMessage(
      family: UInt16(GENL_ID_CTRL), command: CTRL_CMD_GETFAMILY, operation: "look up the generic netlink family \(name)")
    message.attribute(CTRL_ATTR_FAMILY_NAME, name)
    do {
      return try fetch(message) { (_, payload) throws(NetlinkError) in
        var number: UInt16?
        payload.forEachAttribute(after: MemoryLayout<genlmsghdr>.size) { type, content in
          if type == CTRL_ATTR_FAMILY_ID { number = content.load() }
        }
        return number
      }
    } catch {
      if error.code == .noEntry { return nil }
      throw error
    }
  }
}
