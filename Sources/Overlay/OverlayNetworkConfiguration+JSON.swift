import Addresses
public import CNI
public import JSON
import Linux

extension OverlayNetworkConfiguration {
  /// Reads flannel's configuration: `{"Network": "10.244.0.0/16", "SubnetLen": 24, "Backend": {"Type": "vxlan", "VNI": 1}}`.
  ///
  /// Names match without regard to case. A host's part is a /24 and a /64 unless the network says otherwise, and the first part of all stays
  /// free, as with flannel. A fault is an error that names the member, the value and what was expected.
  public init(_ fields: ConfigurationObject) throws(CNIError) {
    let backend = try fields.object("Backend") ?? ConfigurationObject(JSONObject(), path: fields.path(of: "Backend"))
    self.init(dataPath: try backend.dataPath("Type") ?? .vxlan)
    if try fields.bool("EnableIPv4") ?? true, let network = try fields.network("Network", .v4) {
      ipv4 = try Pool(network, fields, ("SubnetLen", "SubnetMin", "SubnetMax"))
    }
    if try fields.bool("EnableIPv6") ?? true, let network = try fields.network("IPv6Network", .v6) {
      ipv6 = try Pool(network, fields, ("IPv6SubnetLen", "IPv6SubnetMin", "IPv6SubnetMax"))
    }
    if pools.isEmpty { throw CNIError(missingField: fields.path(of: "Network"), expected: "the overlay's network (10.244.0.0/16)") }
    vni = try backend.integer("VNI", in: OverlayNetworkConfiguration.vnis).map { UInt32($0) } ?? vni
    let port = try backend.integer(backend.value("ListenPort") == nil ? "Port" : "ListenPort", in: 0...65535) ?? 0
    if port != 0 { self.port = UInt16(port) }
    if dataPath == .wireguard { try readWireGuard(backend) }
    let mtu = try backend.integer("MTU", in: 0...65535) ?? 0
    if mtu != 0 { self.mtu = UInt32(mtu) }
    directRouting = try backend.flag("DirectRouting")
    if let key = try backend.string("PSK"), !key.isEmpty {
      guard Base64.decode(key)?.count == 32 else {
        throw CNIError(field: backend.path(of: "PSK"), expected: "32 bytes in Base64", got: "…")
      }
      presharedKey = key
    }
    if let mtu = self.mtu, mtu < (ipv6 == nil ? 576 : 1280) {
      throw CNIError(field: backend.path(of: "MTU"), expected: "at least \(ipv6 == nil ? 576 : 1280)", got: .integer(Int64(mtu)))
    }
  }

  /// The members that say which tunnels there are, and where they end.
  private mutating func readWireGuard(_ backend: ConfigurationObject) throws(CNIError) {
    if let name = try backend.string("Mode") {
      guard let mode = WireGuardMode(rawValue: name) else {
        throw CNIError(
          field: backend.path(of: "Mode"), expected: WireGuardMode.allCases.map(\.rawValue).joined(separator: ", "), got: .string(name))
      }
      wireguardMode = mode
    }
    let port = try backend.integer("ListenPortV6", in: 0...65535) ?? 0
    if port != 0 { ipv6Port = UInt16(port) }
    if wireguardMode == .separate, pools.count == 2, ipv6Port == self.port {
      throw CNIError(
        field: backend.path(of: "ListenPortV6"), expected: "another port than that of the tunnels by IPv4", got: .integer(Int64(ipv6Port)))
    }
  }

  /// Reads a configuration from JSON text.
  public init(parsing text: [UInt8]) throws(CNIError) { try self.init(ConfigurationObject(parsing: text)) }

  /// The configuration as flannel writes it.
  public var json: JSONObject {
    var object = JSONObject()
    if let ipv4 {
      object["Network"] = .string(ipv4.network.description)
      object["SubnetLen"] = .integer(Int64(ipv4.subnetLength))
      object["SubnetMin"] = .string(ipv4.first.description)
      object["SubnetMax"] = .string(ipv4.last.description)
    } else {
      object["EnableIPv4"] = false
    }
    if let ipv6 {
      object["EnableIPv6"] = true
      object["IPv6Network"] = .string(ipv6.network.description)
      object["IPv6SubnetLen"] = .integer(Int64(ipv6.subnetLength))
      object["IPv6SubnetMin"] = .string(ipv6.first.description)
      object["IPv6SubnetMax"] = .string(ipv6.last.description)
    }
    var backend = JSONObject([("Type", .string(dataPath.rawValue)), ("VNI", .integer(Int64(vni))), ("Port", .integer(Int64(port)))])
    if let mtu { backend["MTU"] = .integer(Int64(mtu)) }
    if directRouting { backend["DirectRouting"] = true }
    if let presharedKey { backend["PSK"] = .string(presharedKey) }
    if dataPath == .wireguard {
      backend["ListenPort"] = .integer(Int64(port))
      backend["ListenPortV6"] = .integer(Int64(ipv6Port))
      backend["Mode"] = .string(wireguardMode.rawValue)
    }
    object["Backend"] = .object(backend)
    return object
  }
}

extension OverlayNetworkConfiguration.Pool {
  /// Checks a family's members, whose names are given.
  fileprivate init(
    _ network: Subnet, _ fields: ConfigurationObject, _ names: (length: String, first: String, last: String)
  ) throws(CNIError) {
    let family = network.family, longest = family.bitCount - 2
    guard network.prefixLength < longest else {
      throw CNIError(
        field: fields.path(of: family == .v4 ? "Network" : "IPv6Network"), expected: "a network of /\(longest - 1) at the most",
        got: .string(network.description))
    }
    let usual = family == .v4 ? 24 : 64
    let length =
      try fields.integer(names.length, in: (network.prefixLength + 1)...longest)
      ?? (network.prefixLength < usual ? usual : min(network.prefixLength + 2, longest))
    let step = UInt128(1) << UInt128(family.bitCount - length)
    self.init(
      network: network, subnetLength: length, first: IPAddress(family, network.address.value + step),
      last: IPAddress(family, network.lastAddress.value - (step - 1)))
    first = try OverlayNetworkConfiguration.Pool.bound(names.first, fields, self) ?? first
    last = try OverlayNetworkConfiguration.Pool.bound(names.last, fields, self) ?? last
    guard first <= last else {
      throw CNIError(field: fields.path(of: names.last), expected: "\(first) or later", got: .string(last.description))
    }
  }

  private static func bound(
    _ name: String, _ fields: ConfigurationObject, _ pool: OverlayNetworkConfiguration.Pool
  ) throws(CNIError) -> IPAddress? {
    guard let address = try fields.address(name, pool.network.family) else { return nil }
    guard pool.network.contains(address), let part = Subnet(address, prefixLength: pool.subnetLength), part.isNetwork else {
      throw CNIError(
        field: fields.path(of: name), expected: "the first address of a /\(pool.subnetLength) in \(pool.network)",
        got: .string(address.description))
    }
    return address
  }
}
