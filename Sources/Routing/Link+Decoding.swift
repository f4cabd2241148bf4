import Addresses
import CLinux
import Netlink

extension Link {
  /// Reads the payload of an RTM_NEWLINK or RTM_DELLINK message; nil if it is too short to be one.
  public init?(payload: RawSpan) {
    guard let header = payload.load(ifinfomsg.self) else { return nil }
    self.init(
      index: header.ifi_index, name: "", flags: LinkFlags(rawValue: header.ifi_flags), mtu: 0, state: .unknown, group: 0,
      transmitQueueLength: 0, promiscuity: 0, allMulticast: 0)
    payload.forEachAttribute(after: MemoryLayout<ifinfomsg>.size) { type, content in
      switch type {
      case IFLA_IFNAME: name = content.text
      case IFLA_MTU: mtu = content.load() ?? 0
      case IFLA_ADDRESS: macAddress = MACAddress(bytes: content.array)
      case IFLA_OPERSTATE: state = content.load(UInt8.self).flatMap(OperationalState.init) ?? .unknown
      case IFLA_MASTER: masterIndex = content.load()
      case IFLA_LINK: linkIndex = content.load()
      case IFLA_LINK_NETNSID: linkNamespaceID = content.load()
      case IFLA_IFALIAS: alias = content.text
      case IFLA_GROUP: group = content.load() ?? 0
      case IFLA_TXQLEN: transmitQueueLength = content.load() ?? 0
      case IFLA_PROMISCUITY: promiscuity = content.load() ?? 0
      case Link.allMulticastAttribute: allMulticast = content.load() ?? 0
      case IFLA_LINKINFO: decodeInformation(content)
      case IFLA_STATS64: traffic = LinkTraffic(payload: content)
      default: break
      }
    }
    if allMulticast == 0 && flags.contains(.allMulticast) { allMulticast = 1 }
  }

  /// IFLA_ALLMULTI, which headers before Linux 6.0 do not name.
  private static var allMulticastAttribute: Int { 61 }

  private mutating func decodeInformation(_ information: RawSpan) {
    var slaveKind: String?
    information.forEachAttribute { type, content in
      if type == IFLA_INFO_KIND { kind = content.text }
      if type == IFLA_INFO_SLAVE_KIND { slaveKind = content.text }
    }
    information.forEachAttribute { type, content in
      switch (type, kind, slaveKind) {
      case (IFLA_INFO_DATA, "bridge", _): bridge = BridgeState(payload: content)
      case (IFLA_INFO_DATA, "vlan", _):
        content.forEachAttribute { type, content in if type == IFLA_VLAN_ID { vlan = content.load() } }
      case (IFLA_INFO_DATA, "vxlan", _): vxlan = VXLANState(payload: content)
      case (IFLA_INFO_DATA, "macvlan", _):
        content.forEachAttribute { type, content in
          if type == IFLA_MACVLAN_MODE { macvlanMode = content.load(UInt32.self).flatMap(MacvlanMode.init) }
        }
      case (IFLA_INFO_SLAVE_DATA, _, "bridge"): port = BridgePortState(payload: content)
      default: break
      }
    }
  }
}

extension LinkTraffic {
  /// Later kernels add fields at the end.
  init?(payload: RawSpan) {
    func field(_ position: Int) -> UInt64? { payload.load(at: 8 * position) }
    guard let receivedPackets = field(0), let sentPackets = field(1), let receivedBytes = field(2), let sentBytes = field(3),
      let receivedDropped = field(6), let sentDropped = field(7)
    else { return nil }
    self.init(
      receivedPackets: receivedPackets, sentPackets: sentPackets, receivedBytes: receivedBytes, sentBytes: sentBytes,
      receivedDropped: receivedDropped, sentDropped: sentDropped)
  }
}

extension BridgeState {
  init(payload: RawSpan) {
    self.init(filtersVLANs: false)
    payload.forEachAttribute { type, content in
      if type == IFLA_BR_VLAN_FILTERING { filtersVLANs = content.load(UInt8.self) == 1 }
    }
  }
}

extension BridgePortState {
  init(payload: RawSpan) {
    self.init(state: 0, hairpin: false, isolated: false)
    payload.forEachAttribute { type, content in
      switch type {
      case IFLA_BRPORT_STATE: state = content.load() ?? 0
      case IFLA_BRPORT_MODE: hairpin = content.load(UInt8.self) == 1
      case IFLA_BRPORT_ISOLATED: isolated = content.load(UInt8.self) == 1
      default: break
      }
    }
  }
}
