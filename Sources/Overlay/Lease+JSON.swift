public import CNI
package import Addresses
public import JSON

extension Lease {
  /// The lease as stores of ours and the state folder keep it; members that are nil are left out.
  public var json: JSONObject {
    var object = JSONObject()
    func set(_ name: String, _ value: (some CustomStringConvertible)?) { object[name] = value.map { .string($0.description) } }
    func set(number name: String, _ value: Int64?) { object[name] = value.map { .integer($0) } }
    set("subnet", subnet)
    set("ipv6Subnet", ipv6Subnet)
    set("publicAddress", publicAddress)
    set("publicIPv6Address", publicIPv6Address)
    object["datapath"] = .string(dataPath.rawValue)
    set(number: "vni", vni.map { Int64($0) })
    set("mac", macAddress)
    set("ipv6MAC", ipv6MACAddress)
    set("wireguardKey", wireguardKey)
    set(number: "port", port.map { Int64($0) })
    set(number: "ipv6Port", ipv6Port.map { Int64($0) })
    set("host", hostName)
    if let holder {
      object["node"] = .string(holder.node)
      object["instance"] = .string(holder.instance)
      object["since"] = .integer(holder.since)
    }
    set(number: "expires", expiry)
    return object
  }

  /// Reads what `json` writes. A fault is an error that names the member, the value and what was expected.
  public init(_ fields: ConfigurationObject) throws(CNIError) {
    self.init(dataPath: try fields.dataPath("datapath") ?? .vxlan)
    subnet = try fields.network("subnet", .v4)
    ipv6Subnet = try fields.network("ipv6Subnet", .v6)
    if subnets.isEmpty { throw CNIError(missingField: fields.path(of: "subnet"), expected: "a network (10.244.3.0/24)") }
    publicAddress = try fields.address("publicAddress", .v4)
    publicIPv6Address = try fields.address("publicIPv6Address", .v6)
    vni = try fields.integer("vni", in: OverlayNetworkConfiguration.vnis).map { UInt32($0) }
    macAddress = try fields.mac("mac")
    ipv6MACAddress = try fields.mac("ipv6MAC")
    wireguardKey = try fields.string("wireguardKey")
    port = try fields.integer("port", in: 1...65535).map { UInt16($0) }
    ipv6Port = try fields.integer("ipv6Port", in: 1...65535).map { UInt16($0) }
    hostName = try fields.string("host")
    if let node = try fields.string("node"), let instance = try fields.string("instance"), let since = try fields.integer("since") {
      holder = LeaseHolder(node: node, instance: instance, since: Int64(since))
    }
    expiry = try fields.integer("expires").map { Int64($0) }
  }

  /// Reads a lease from JSON text.
  public init(parsing text: [UInt8]) throws(CNIError) { try self.init(ConfigurationObject(parsing: text)) }
}

extension ConfigurationObject {
  /// Reads an object from JSON text.
  package init(parsing text: [UInt8]) throws(CNIError) {
    let value: JSONValue
    do { value = try JSONValue(parsing: text) } catch { throw CNIError(.decoding, "no JSON: \(error)") }
    guard case .object(let object) = value else { throw CNIError(.decoding, "expected an object, got \(value.kind)") }
    self.init(object)
  }

  /// A network of one family without host bits; nil if absent.
  package func network(_ key: String, _ family: IPAddress.Family) throws(CNIError) -> Subnet? {
    guard let subnet = try subnet(key) else { return nil }
    guard subnet.family == family, subnet.isNetwork else {
      let example = family == .v4 ? "an IPv4 network (10.244.0.0/16)" : "an IPv6 network (fd00:244::/48)"
      throw CNIError(field: path(of: key), expected: "\(example) without host bits", got: .string(subnet.description))
    }
    return subnet
  }

  /// An address of one family; nil if absent.
  package func address(_ key: String, _ family: IPAddress.Family) throws(CNIError) -> IPAddress? {
    guard let address = try address(key) else { return nil }
    guard address.family == family else {
      throw CNIError(
        field: path(of: key), expected: family == .v4 ? "an IPv4 address" : "an IPv6 address", got: .string(address.description))
    }
    return address
  }

  /// A data plane's name; nil if absent.
  package func dataPath(_ key: String) throws(CNIError) -> DataPath? {
    guard let name = try string(key) else { return nil }
    guard let dataPath = DataPath(rawValue: name) else {
      throw CNIError(field: path(of: key), expected: DataPath.allCases.map(\.rawValue).joined(separator: ", "), got: .string(name))
    }
    return dataPath
  }
}
