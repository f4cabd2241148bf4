import CLinux
public import Netlink

/// Membership of a bridge's port in VLANs (IEEE 802.1Q): one, or a range of them.
public struct BridgeVLAN: Hashable, Sendable {
  /// The first VLAN's number, 1…4094.
  public var first: UInt16
  /// The last VLAN's number, at least `first`.
  public var last: UInt16
  /// Whether frames without a tag that come in belong to this VLAN (PVID); a port has one at the most.
  public var isNative: Bool
  /// Whether frames leave without their tag.
  public var isUntagged: Bool

  /// Describes a membership; without the other arguments frames are tagged both ways.
  public init(_ first: UInt16, through last: UInt16? = nil, isNative: Bool = false, isUntagged: Bool = false) {
    self.first = first
    self.last = last ?? first
    self.isNative = isNative
    self.isUntagged = isUntagged
  }
}

extension NetlinkMessage {
  /// Adds VLANs to a port of a bridge.
  public static func addVLANs(_ vlans: [BridgeVLAN], portIndex: Int32) -> NetlinkMessage {
    request(RTM_SETLINK, vlans, portIndex, "add VLANs to bridge port number \(portIndex)")
  }

  /// Takes VLANs from a port of a bridge.
  public static func removeVLANs(_ vlans: [BridgeVLAN], portIndex: Int32) -> NetlinkMessage {
    request(RTM_DELLINK, vlans, portIndex, "remove VLANs from bridge port number \(portIndex)")
  }

  private static func request(_ type: Int, _ vlans: [BridgeVLAN], _ portIndex: Int32, _ operation: String) -> NetlinkMessage {
    var message = NetlinkMessage(type, operation: operation)
    message.append(ifinfomsg(family: UInt8(AF_BRIDGE), index: portIndex))
    message.nest(IFLA_AF_SPEC) { message in
      for vlan in vlans {
        let flags = (vlan.isNative ? BRIDGE_VLAN_INFO_PVID : 0) | (vlan.isUntagged ? BRIDGE_VLAN_INFO_UNTAGGED : 0)
        if vlan.first == vlan.last {
          message.vlan(vlan.first, flags)
        } else {
          message.vlan(vlan.first, flags | BRIDGE_VLAN_INFO_RANGE_BEGIN)
          message.vlan(vlan.last, flags | BRIDGE_VLAN_INFO_RANGE_END)
        }
      }
    }
    return message
  }

  private mutating func vlan(_ number: UInt16, _ flags: Int32) {
    attribute(IFLA_BRIDGE_VLAN_INFO, structure: bridge_vlan_info(flags: UInt16(flags), vid: number))
  }
}

extension RouteSocket {
  /// The VLANs of every port of the namespace's bridges, by the port's number. Each VLAN stands by itself, ranges are resolved.
  public mutating func bridgeVLANs() throws(NetlinkError) -> [Int32: [BridgeVLAN]] {
    var message = NetlinkMessage(RTM_GETLINK, .dump, operation: "list bridge VLANs")
    message.append(ifinfomsg(family: UInt8(AF_BRIDGE)))
    message.attribute(IFLA_EXT_MASK, UInt32(RTEXT_FILTER_BRVLAN))
    let ports = try socket.dump(message) { (_, payload) throws(NetlinkError) -> (Int32, [BridgeVLAN])? in
      guard let header = payload.load(ifinfomsg.self) else { return nil }
      var vlans: [BridgeVLAN] = []
      payload.forEachAttribute(after: MemoryLayout<ifinfomsg>.size) { type, content in
        guard type == IFLA_AF_SPEC else { return }
        content.forEachAttribute { type, content in
          guard type == IFLA_BRIDGE_VLAN_INFO, let entry = content.load(bridge_vlan_info.self) else { return }
          let flags = Int32(entry.flags)
          vlans.append(
            BridgeVLAN(entry.vid, isNative: flags & BRIDGE_VLAN_INFO_PVID != 0, isUntagged: flags & BRIDGE_VLAN_INFO_UNTAGGED != 0))
        }
      }
      return (header.ifi_index, vlans)
    }
    return Dictionary(ports, uniquingKeysWith: { $0 + $1 })
  }
}
