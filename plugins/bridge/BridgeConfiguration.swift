import Addresses
import CNI
import JSON

/// The keys of the `bridge` plugin, decoded and valid.
struct BridgeConfiguration {
  /// The bridge's name.
  let bridge: String
  /// Whether the bridge is the containers' router, with an address on each of their networks.
  let isGateway: Bool
  /// Whether containers get a default route through the bridge.
  let isDefaultGateway: Bool
  /// Whether another address on the bridge is replaced rather than refused.
  let forcesAddress: Bool
  /// Whether traffic that leaves a container's network gets the host's address.
  let masquerades: Bool
  /// The largest packet in bytes; nil leaves it to the kernel, which takes 1500.
  let mtu: UInt32?
  /// Whether a container reaches itself through the bridge, as a published port of its own needs.
  let hairpin: Bool
  /// Whether the bridge receives every frame.
  let isPromiscuous: Bool
  /// The VLAN that the container's untagged frames belong to; nil for a bridge without VLANs.
  let vlan: UInt16?
  /// The VLANs that the container may send and receive tagged, sorted and without overlaps.
  let trunk: [ClosedRange<UInt16>]
  /// Whether the port stays in the bridge's default VLAN 1 besides `vlan`.
  let keepsDefaultVLAN: Bool
  /// Whether frames with another source address than the container's are dropped.
  let checksSpoofing: Bool
  /// Whether IPv6 addresses are probed for duplicates before they are used.
  let detectsDuplicates: Bool
  /// Whether the container's interface is left switched off.
  let leavesInterfaceDown: Bool
  /// Whether the port cannot talk to other isolated ports.
  let isolatesPort: Bool
  /// The address that the container's interface is to have.
  let macAddress: MACAddress?
  /// The type of the IPAM plugin; nil for a network without addresses.
  let ipamType: String?
  /// Where containers resolve names, if the network says so.
  let dns: DNSConfiguration
  /// Networks that containers are seen in with their own addresses, besides their own network: the hosts of an overlay share one.
  var reachable: [Subnet] = []
  /// Whether addresses of other networks stay on the bridge beside the gateways: those of a part of an overlay that this host had before.
  var keepsOtherGateways = false

  /// Whether the bridge keeps frames to their VLAN.
  var filtersVLANs: Bool { vlan != nil || !trunk.isEmpty }

  /// Whether containers have rules on the host.
  var hasRules: Bool { masquerades || checksSpoofing }

  init(_ request: PluginRequest) throws(CNIError) {
    let configuration = request.configuration, fields = configuration.fields
    bridge = try fields.string("bridge") ?? "cni0"
    try BridgeConfiguration.validateName(bridge, field: fields.path(of: "bridge"))
    isDefaultGateway = try fields.flag("isDefaultGateway")
    isGateway = try fields.flag("isGateway") || isDefaultGateway
    forcesAddress = try fields.flag("forceAddress")
    masquerades = try fields.flag("ipMasq")
    try BridgeConfiguration.validateBackend(fields)
    mtu = try BridgeConfiguration.mtu(fields)
    hairpin = try fields.flag("hairpinMode")
    isPromiscuous = try fields.flag("promiscMode")
    vlan = try BridgeConfiguration.vlan(fields)
    trunk = try BridgeConfiguration.trunk(fields)
    keepsDefaultVLAN = try fields.flag("preserveDefaultVlan")
    checksSpoofing = try fields.flag("macspoofchk")
    detectsDuplicates = try fields.flag("enabledad")
    leavesInterfaceDown = try fields.flag("disableContainerInterface")
    isolatesPort = try fields.flag("portIsolation")
    macAddress = try request.stationAddress()
    ipamType = try configuration.ipamType()
    dns = try configuration.dns()
    if hairpin && isPromiscuous {
      throw CNIError(.invalidConfiguration, "cannot set hairpin mode and promiscuous mode at the same time.")
    }
    if leavesInterfaceDown && ipamType != nil {
      throw CNIError(.invalidConfiguration, "cannot use IPAM when DisableContainerInterface flag is set")
    }
  }

  private static func validateName(_ name: String, field: String) throws(CNIError) {
    guard InterfaceName.isValid(name) else {
      throw CNIError(field: field, expected: "an interface name (1 to 15 bytes, no / : or white space)", got: .string(name))
    }
  }

  /// Every accepted value means the same here: nftables.
  private static func validateBackend(_ fields: ConfigurationObject) throws(CNIError) {
    guard let backend = try fields.string("ipMasqBackend") else { return }
    guard backend == "iptables" || backend == "nftables" else {
      throw CNIError(.invalidConfiguration, "unknown ipmasq backend \"\(backend)\"")
    }
  }

  /// 68 is the least that IPv4 works with (RFC 791), 65535 the most that a bridge takes; 0 means the default.
  private static func mtu(_ fields: ConfigurationObject) throws(CNIError) -> UInt32? {
    guard let value = fields.value("mtu") else { return nil }
    let mtu = try value.integer()
    if mtu == 0 { return nil }
    guard (68...65535).contains(mtu) else { throw value.invalid(expected: "0 or 68 to 65535") }
    return UInt32(mtu)
  }

  private static func vlan(_ fields: ConfigurationObject) throws(CNIError) -> UInt16? {
    guard let vlan = try fields.integer("vlan") else { return nil }
    guard (0...4094).contains(vlan) else {
      throw CNIError(.invalidConfiguration, "invalid VLAN ID \(vlan) (must be between 0 and 4094)")
    }
    return vlan == 0 ? nil : UInt16(vlan)
  }

  /// Reads `vlanTrunk` and merges what overlaps or touches.
  private static func trunk(_ fields: ConfigurationObject) throws(CNIError) -> [ClosedRange<UInt16>] {
    var ranges: [ClosedRange<UInt16>] = []
    for entry in try fields.objects("vlanTrunk") ?? [] {
      let first = try entry.integer("minID"), last = try entry.integer("maxID"), single = try entry.integer("id")
      switch (first, last) {
      case (let first?, let last?):
        try validate(first, "minID")
        try validate(last, "maxID")
        guard first <= last else { throw CNIError(.invalidConfiguration, "minID is greater than maxID in trunk parameter") }
        ranges.append(UInt16(first)...UInt16(last))
      case (.some, nil):
        throw CNIError(.invalidConfiguration, "minID and maxID should be configured simultaneously, maxID is missing")
      case (nil, .some):
        throw CNIError(.invalidConfiguration, "minID and maxID should be configured simultaneously, minID is missing")
      case (nil, nil): break
      }
      if let single {
        try validate(single, "id")
        ranges.append(UInt16(single)...UInt16(single))
      }
    }
    var merged: [ClosedRange<UInt16>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound + 1 {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  private static func validate(_ number: Int, _ parameter: String) throws(CNIError) {
    guard (1...4094).contains(number) else { throw CNIError(.invalidConfiguration, "incorrect trunk \(parameter) parameter") }
  }
}
