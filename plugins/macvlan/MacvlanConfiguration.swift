import Addresses
import CNI
import JSON
import Routing

/// The keys of the `macvlan` plugin, decoded and valid.
struct MacvlanConfiguration {
  /// The name of the link that containers share; nil means the one with the default route.
  let master: String?
  /// Whom a container may talk to besides the network that the link leads to.
  let mode: MacvlanMode
  /// The largest packet in bytes, to be compared with the master's; nil means the master's.
  let mtu: Int?
  /// The address that the container's interface is to have.
  let macAddress: MACAddress?
  /// Whether the master is in the container's namespace.
  let isMasterInContainer: Bool
  /// How many broadcast packets may wait; nil means the kernel's number.
  let broadcastQueueLength: UInt32?
  /// Whether IPv6 addresses are probed for duplicates before they are used.
  let detectsDuplicates: Bool
  /// The type of the IPAM plugin; nil for a network without addresses.
  let ipamType: String?
  /// Where containers resolve names, if the network says so.
  let dns: DNSConfiguration

  init(_ request: PluginRequest) throws(CNIError) {
    let configuration = request.configuration, fields = configuration.fields
    master = try fields.string("master").flatMap { $0.isEmpty ? nil : $0 }
    mode = try MacvlanConfiguration.mode(fields)
    mtu = try fields.integer("mtu").flatMap { $0 == 0 ? nil : $0 }
    isMasterInContainer = try fields.flag("linkInContainer")
    broadcastQueueLength = try fields.value("bcqueuelen").map { (value) throws(CNIError) in
      let length = try value.integer()
      guard (0...Int(UInt32.max)).contains(length) else { throw value.invalid(expected: "0 to \(UInt32.max)") }
      return UInt32(length)
    }
    detectsDuplicates = try fields.flag("enabledad")
    ipamType = try configuration.ipamType()
    dns = try configuration.dns()
    if let address = try request.stationAddress() {
      macAddress = address
    } else if let value = fields.value("mac"), value.json != "" {
      macAddress = try value.station()
    } else {
      macAddress = nil
    }
  }

  private static func mode(_ fields: ConfigurationObject) throws(CNIError) -> MacvlanMode {
    switch try fields.string("mode") ?? "" {
    case "", "bridge": return .bridge
    case "private": return .private
    case "vepa": return .vepa
    case "passthru": return .passthru
    case let mode: throw CNIError(.invalidConfiguration, "unknown macvlan mode: \"\(mode)\"", details: "bridge, private, vepa or passthru")
    }
  }

  /// The MTU for a container's interface on a master with another one.
  func mtu(below master: Link) throws(CNIError) -> UInt32? {
    guard let mtu else { return nil }
    guard (0...Int(master.mtu)).contains(mtu) else {
      throw CNIError(.invalidConfiguration, "invalid MTU \(mtu), must be [0, master MTU(\(master.mtu))]")
    }
    return UInt32(mtu)
  }
}
