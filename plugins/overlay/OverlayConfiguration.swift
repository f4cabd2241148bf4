import Addresses
import CNI
import JSON
import Overlay

/// The keys of the `overlay` plugin, decoded and valid.
struct OverlayConfiguration {
  /// The name that overlayd knows the network by; the configuration's own unless `network` says otherwise.
  let network: String
  /// Where overlayd's networks have their folders.
  let stateFolder: String
  /// flannel's file with this host's part, which goes before overlayd's folder.
  let subnetFile: String?
  /// What the overlay must be; nil takes it as it is.
  let dataPath: DataPath?
  /// The VXLAN number that it must have.
  let vni: UInt32?
  /// The largest packet in bytes, unless the overlay's is smaller.
  let mtu: UInt32?

  /// Where flannel writes its file.
  static var defaultSubnetFile: String { "/run/flannel/subnet.env" }

  init(_ request: PluginRequest) throws(CNIError) {
    let fields = request.configuration.fields
    network = try fields.string("network") ?? request.configuration.name
    guard Identifier.isValid(network) else {
      throw CNIError(field: fields.path(of: "network"), expected: "the name of a network of overlayd", got: .string(network))
    }
    stateFolder = try fields.string("stateFolder") ?? StateFolder.defaultRoot
    subnetFile = try fields.string("subnetFile")
    guard let name = try fields.string("datapath") else {
      dataPath = nil
      vni = try OverlayConfiguration.vni(fields)
      mtu = try OverlayConfiguration.mtu(fields)
      return
    }
    guard let dataPath = DataPath(rawValue: name) else {
      throw CNIError(
        field: fields.path(of: "datapath"), expected: DataPath.allCases.map(\.rawValue).joined(separator: ", "), got: .string(name))
    }
    self.dataPath = dataPath
    vni = try OverlayConfiguration.vni(fields)
    mtu = try OverlayConfiguration.mtu(fields)
  }

  private static func vni(_ fields: ConfigurationObject) throws(CNIError) -> UInt32? {
    _ = try fields.integer("port", in: 1...65535)
    return try fields.integer("vni", in: OverlayNetworkConfiguration.vnis).map { UInt32($0) }
  }

  private static func mtu(_ fields: ConfigurationObject) throws(CNIError) -> UInt32? {
    guard let value = fields.value("mtu") else { return nil }
    let mtu = try value.integer()
    if mtu == 0 { return nil }
    guard (68...65535).contains(mtu) else { throw value.invalid(expected: "0 or 68 to 65535") }
    return UInt32(mtu)
  }
}
