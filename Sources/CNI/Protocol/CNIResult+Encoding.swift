public import JSON
internal import Addresses

extension CNIResult {
  /// The result as the given version writes it.
  ///
  /// Versions 0.1.0 and 0.2.0 hold one address of each family, the first; throws "cannot convert: no valid IP addresses" if there is none.
  public func json(version: CNIVersion) throws(CNIError) -> JSONValue {
    var object = JSONObject()
    object["cniVersion"] = .string(version.description)
    if version < .v030 {
      guard !addresses.isEmpty else { throw CNIError(.other, "cannot convert: no valid IP addresses") }
      object["ip4"] = part(.v4)
      object["ip6"] = part(.v6)
    } else {
      object["interfaces"] = list(interfaces.map { $0.json(version: version) })
      object["ips"] = list(addresses.map { $0.json(version: version) })
      object["routes"] = list(routes.map { $0.json })
    }
    if version < .v100 || !dns.isEmpty { object["dns"] = dns.json }
    return .object(object)
  }

  private func list(_ entries: [JSONValue]) -> JSONValue? { entries.isEmpty ? nil : .array(entries) }

  /// The first address of a family with the routes of that family, as 0.2.0 nests them.
  private func part(_ family: IPAddress.Family) -> JSONValue? {
    guard let first = addresses.first(where: { $0.address.family == family }) else { return nil }
    var object = JSONObject()
    object["ip"] = .string(first.address.description)
    object["gateway"] = first.gateway.map { .string($0.description) }
    object["routes"] = list(routes.filter { $0.destination.family == family }.map { $0.json })
    return .object(object)
  }
}

extension ResultInterface {
  fileprivate func json(version: CNIVersion) -> JSONValue {
    var object = JSONObject()
    object["name"] = .string(name)
    object["mac"] = mac.map { .string($0) }
    if version >= .v110 { object["mtu"] = mtu.map { .integer(Int64($0)) } }
    object["sandbox"] = sandbox.map { .string($0) }
    if version >= .v110 {
      object["socketPath"] = socketPath.map { .string($0) }
      object["pciID"] = pciID.map { .string($0) }
    }
    return .object(object)
  }
}

extension ResultAddress {
  fileprivate func json(version: CNIVersion) -> JSONValue {
    var object = JSONObject()
    if version < .v100 { object["version"] = address.family == .v4 ? "4" : "6" }
    object["address"] = .string(address.description)
    object["gateway"] = gateway.map { .string($0.description) }
    object["interface"] = interface.map { .integer(Int64($0)) }
    return .object(object)
  }
}
