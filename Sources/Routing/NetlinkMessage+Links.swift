public import Addresses
import CLinux
public import Netlink

/// A link by its number or its name.
public enum LinkReference: Sendable, CustomStringConvertible {
  /// By its number.
  case index(Int32)
  /// By its name.
  case name(String)

  /// The name, or `number 7`.
  public var description: String {
    switch self {
    case .index(let index): "number \(index)"
    case .name(let name): name
    }
  }
}

/// An IPv4 setting of an interface that netlink can change, with its IPV4_DEVCONF_ number: `net.ipv4.conf.*` of sysctl(8).
public enum IPv4Setting: Int32, Sendable {
  /// `arp_notify`: tell neighbours when the interface goes up or its address changes.
  case arpNotify = 22
  /// `route_localnet`: 127.0.0.0/8 may be routed through the interface.
  case routeLocalnet = 26
}

/// What is to change about a link; nil leaves a property as it is.
public struct LinkChange {
  /// Switched on or off (IFF_UP).
  public var isUp: Bool?
  /// Receives every frame (IFF_PROMISC).
  public var isPromiscuous: Bool?
  /// Receives all multicast (IFF_ALLMULTI).
  public var receivesAllMulticast: Bool?
  /// The name, at most 15 bytes.
  public var name: String?
  /// The largest packet in bytes.
  public var mtu: UInt32?
  /// The Ethernet address. Setting it again, unchanged, makes the kernel announce the interface's addresses (`arp_notify`, `ndisc_notify`).
  public var macAddress: MACAddress?
  /// The master's number; 0 takes it out of its master.
  public var masterIndex: Int32?
  /// The free text, at most 255 bytes.
  public var alias: String?
  /// The group's number.
  public var group: UInt32?
  /// The length of the transmit queue in packets.
  public var transmitQueueLength: UInt32?
  /// IPv4 settings of the interface by their numbers, IPV4_DEVCONF_ of `linux/ip.h`.
  public var ipv4Settings: [IPv4Setting: UInt32] = [:]
  /// Whether a bridge keeps frames to their VLAN.
  public var filtersVLANs: Bool?
  /// Whether frames may leave the bridge by the port they came in.
  public var portHairpin: Bool?
  /// Whether the bridge's port cannot talk to other isolated ports.
  public var portIsolated: Bool?

  /// Changes nothing.
  public init() {}

  /// Describes a change by setting its properties.
  public init(_ describe: (inout LinkChange) -> Void) { describe(&self) }

  fileprivate var flags: (set: LinkFlags, change: LinkFlags) {
    var set: LinkFlags = [], change: LinkFlags = []
    for (value, flag) in [(isUp, LinkFlags.up), (isPromiscuous, .promiscuous), (receivesAllMulticast, .allMulticast)] {
      guard let value else { continue }
      change.insert(flag)
      if value { set.insert(flag) }
    }
    return (set, change)
  }
}

extension NetlinkMessage {
  /// Creates a bridge, up, with a MAC address that its ports do not change.
  public static func createBridge(_ name: String, macAddress: MACAddress, mtu: UInt32?, filtersVLANs: Bool) -> NetlinkMessage {
    var message = NetlinkMessage(RTM_NEWLINK, [.create, .exclusive, .echo], operation: "create bridge \(name)")
    message.append(ifinfomsg(set: .up, change: .up))
    message.attribute(IFLA_IFNAME, name)
    message.attribute(IFLA_ADDRESS, bytes: macAddress.bytes)
    if let mtu { message.attribute(IFLA_MTU, mtu) }
    message.nest(IFLA_LINKINFO) {
      $0.attribute(IFLA_INFO_KIND, "bridge")
      if filtersVLANs { $0.nest(IFLA_INFO_DATA) { $0.attribute(IFLA_BR_VLAN_FILTERING, UInt8(1)) } }
    }
    return message
  }

  /// Changes properties of an existing link.
  public static func change(_ link: LinkReference, _ describe: (inout LinkChange) -> Void) -> NetlinkMessage {
    let change = LinkChange(describe)
    var message = NetlinkMessage(RTM_NEWLINK, operation: "change link \(link)")
    let flags = change.flags
    if case .index(let index) = link {
      message.append(ifinfomsg(index: index, set: flags.set, change: flags.change))
    } else {
      message.append(ifinfomsg(set: flags.set, change: flags.change))
    }
    if case .name(let name) = link { message.attribute(IFLA_IFNAME, name) }
    if let name = change.name { message.attribute(IFLA_IFNAME, name) }
    if let mtu = change.mtu { message.attribute(IFLA_MTU, mtu) }
    if let address = change.macAddress { message.attribute(IFLA_ADDRESS, bytes: address.bytes) }
    if let master = change.masterIndex { message.attribute(IFLA_MASTER, master) }
    if let alias = change.alias { message.attribute(IFLA_IFALIAS, bytes: Array(alias.utf8)) }
    if let group = change.group { message.attribute(IFLA_GROUP, group) }
    if let length = change.transmitQueueLength { message.attribute(IFLA_TXQLEN, length) }
    if !change.ipv4Settings.isEmpty {
      message.nest(IFLA_AF_SPEC) {
        $0.nest(AF_INET) {
          $0.nest(IFLA_INET_CONF) { message in
            for (setting, value) in change.ipv4Settings { message.attribute(setting.rawValue, value) }
          }
        }
      }
    }
    if let filters = change.filtersVLANs {
      message.nest(IFLA_LINKINFO) {
        $0.attribute(IFLA_INFO_KIND, "bridge")
        $0.nest(IFLA_INFO_DATA) { $0.attribute(IFLA_BR_VLAN_FILTERING, UInt8(filters ? 1 : 0)) }
      }
    }
    if change.portHairpin != nil || change.portIsolated != nil {
      message.nest(IFLA_LINKINFO) {
        $0.attribute(IFLA_INFO_SLAVE_KIND, "bridge")
        $0.nest(IFLA_INFO_SLAVE_DATA) {
          if let hairpin = change.portHairpin { $0.attribute(IFLA_BRPORT_MODE, UInt8(hairpin ? 1 : 0)) }
          if let isolated = change.portIsolated { $0.attribute(IFLA_BRPORT_ISOLATED, UInt8(isolated ? 1 : 0)) }
        }
      }
    }
    return message
  }

  /// Deletes a link, and with a veth its peer. The answer takes 20–30 ms although the effect is immediate: see `LinkRemoval`.
  public static func delete(_ link: LinkReference) -> NetlinkMessage {
    var message = NetlinkMessage(RTM_DELLINK, operation: "delete link \(link)")
    switch link {
    case .index(let index): message.append(ifinfomsg(index: index))
    case .name(let name):
      message.append(ifinfomsg())
      message.attribute(IFLA_IFNAME, name)
    }
    return message
  }

  /// Deletes all links of a group: one wait for any number of links.
  public static func delete(group: UInt32) -> NetlinkMessage {
    var message = NetlinkMessage(RTM_DELLINK, operation: "delete the links of group \(group)")
    message.append(ifinfomsg())
    message.attribute(IFLA_GROUP, group)
    return message
  }
}
