import Addresses
import CNI
import JSON
import Overlay

/// A lease as flannel writes it, `{"PublicIP":"10.98.0.1","PublicIPv6":null,"BackendType":"vxlan","BackendData":{"VNI":1,"VtepMAC":"…"}}`, with one
/// more member, `Holder`, which flannel skips: it says which host of ours it is.
enum FlannelLease {
  /// The record's text.
  static func text(_ lease: Lease) -> [UInt8] {
    var object = JSONObject([
      ("PublicIP", .string(lease.publicAddress?.description ?? "0.0.0.0")),
      ("PublicIPv6", lease.publicIPv6Address.map { .string($0.description) } ?? .null),
      ("BackendType", .string(lease.dataPath.rawValue)),
    ])
    if lease.subnet != nil { object["BackendData"] = backendData(lease, port: lease.port) }
    if lease.ipv6Subnet != nil { object["BackendV6Data"] = backendData(lease, port: lease.ipv6Port ?? lease.port) }
    if let holder = lease.holder {
      var fields = JSONObject([
        ("Node", .string(holder.node)), ("Instance", .string(holder.instance)), ("Since", .integer(holder.since)),
      ])
      if let name = lease.hostName { fields["Name"] = .string(name) }
      object["Holder"] = .object(fields)
    }
    return Array(JSONValue.object(object).text.utf8)
  }

  /// Reads a record of ours or of flannel's. A fault names the member, the value and what was expected.
  static func lease(_ key: LeaseKey, _ text: [UInt8]) throws(CNIError) -> Lease {
    let fields = try ConfigurationObject(parsing: text)
    guard let dataPath = try fields.dataPath("BackendType") else {
      throw CNIError(missingField: "BackendType", expected: DataPath.allCases.map(\.rawValue).joined(separator: ", "))
    }
    var lease = Lease(subnet: key.subnet, ipv6Subnet: key.ipv6Subnet, dataPath: dataPath)
    lease.publicAddress = try fields.address("PublicIP", .v4).flatMap { $0.isUnspecified ? nil : $0 }
    lease.publicIPv6Address = try fields.address("PublicIPv6", .v6).flatMap { $0.isUnspecified ? nil : $0 }
    for name in ["BackendV6Data", "BackendData"] {
      guard let data = try fields.object(name) else { continue }
      lease.vni = try data.integer("VNI", in: OverlayNetworkConfiguration.vnis).map { UInt32($0) } ?? lease.vni
      lease.macAddress = try data.mac("VtepMAC") ?? lease.macAddress
      lease.wireguardKey = try data.string("PublicKey") ?? lease.wireguardKey
      lease.port = try data.integer("Port", in: 1...65535).map { UInt16($0) } ?? lease.port
      if name == "BackendV6Data" { (lease.ipv6MACAddress, lease.ipv6Port) = (lease.macAddress, lease.port) }
    }
    // A network of one family has one device, and so have our hosts, but for WireGuard.
    if lease.ipv6MACAddress == lease.macAddress { lease.ipv6MACAddress = nil }
    if lease.ipv6Port == lease.port { lease.ipv6Port = nil }
    if let holder = try fields.object("Holder"), let node = try holder.string("Node"), let instance = try holder.string("Instance"),
      let since = try holder.integer("Since")
    {
      lease.holder = LeaseHolder(node: node, instance: instance, since: Int64(since))
      lease.hostName = try holder.string("Name")
    }
    return lease
  }

  private static func backendData(_ lease: Lease, port: UInt16?) -> JSONValue? {
    switch lease.dataPath {
    case .vxlan:
      .object(
        JSONObject([
          ("VNI", .integer(Int64(lease.vni ?? 1))), ("VtepMAC", lease.macAddress.map { .string($0.description) } ?? .null),
        ]))
    case .hostGateway: nil
    case .wireguard:
      .object(
        JSONObject(
          [("PublicKey", lease.wireguardKey.map { .string($0) } ?? .null)] + (port.map { [("Port", .integer(Int64($0)))] } ?? [])))
    }
  }
}
