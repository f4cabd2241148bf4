public import Addresses
import CLinux
public import Netlink

extension NetlinkMessage {
  /// Writes down who on a link has an address, for good; replaces what was known of the address.
  public static func setNeighbor(_ address: IPAddress, macAddress: MACAddress, linkIndex: Int32) -> NetlinkMessage {
    var message = neighbor(
      RTM_NEWNEIGH, [.create, .replace], address.family.kernelNumber, linkIndex, flags: 0, "set the neighbour \(address)")
    message.attribute(NDA_DST, bytes: address.bytes)
    message.attribute(NDA_LLADDR, bytes: macAddress.bytes)
    return message
  }

  /// Forgets a neighbour.
  public static func deleteNeighbor(_ address: IPAddress, linkIndex: Int32) -> NetlinkMessage {
    var message = neighbor(RTM_DELNEIGH, [], address.family.kernelNumber, linkIndex, flags: 0, "remove the neighbour \(address)")
    message.attribute(NDA_DST, bytes: address.bytes)
    return message
  }

  /// Writes down the host behind a VXLAN device that frames to an Ethernet address go to, for good; replaces what was there.
  public static func setForwarding(_ macAddress: MACAddress, to host: IPAddress, linkIndex: Int32) -> NetlinkMessage {
    forwarding(RTM_NEWNEIGH, [.create, .replace], macAddress, host, linkIndex, "forward \(macAddress) to \(host)")
  }

  /// Removes such an entry.
  public static func deleteForwarding(_ macAddress: MACAddress, to host: IPAddress, linkIndex: Int32) -> NetlinkMessage {
    forwarding(RTM_DELNEIGH, [], macAddress, host, linkIndex, "forward \(macAddress) no more to \(host)")
  }

  private static func forwarding(
    _ type: Int, _ flags: NetlinkFlags, _ macAddress: MACAddress, _ host: IPAddress, _ linkIndex: Int32, _ operation: String
  ) -> NetlinkMessage {
    var message = neighbor(type, flags, UInt8(AF_BRIDGE), linkIndex, flags: UInt8(NTF_SELF), operation)
    message.attribute(NDA_LLADDR, bytes: macAddress.bytes)
    message.attribute(NDA_DST, bytes: host.bytes)
    return message
  }

  private static func neighbor(
    _ type: Int, _ flags: NetlinkFlags, _ family: UInt8, _ linkIndex: Int32, flags own: UInt8, _ operation: String
  ) -> NetlinkMessage {
    var message = NetlinkMessage(type, flags, operation: operation)
    message.append(
      ndmsg(
        ndm_family: family, ndm_pad1: 0, ndm_pad2: 0, ndm_ifindex: linkIndex, ndm_state: Neighbor.State.permanent.rawValue, ndm_flags: own,
        ndm_type: 0))
    return message
  }
}
