internal import JSON
internal import Addresses

extension CNIResult {
  /// Reads a result as the given version writes it. Unknown keys are ignored.
  ///
  /// Throws a CNI error that names the field; paths in messages begin with the object's own.
  public init(_ object: ConfigurationObject, version: CNIVersion) throws(CNIError) {
    self.init()
    if version < .v030 {
      for (key, family) in [("ip4", IPAddress.Family.v4), ("ip6", .v6)] {
        if let part = try object.object(key) { try read(part, family) }
      }
    } else {
      for entry in try object.objects("interfaces") ?? [] { interfaces.append(try ResultInterface(entry)) }
      for entry in try object.objects("ips") ?? [] { addresses.append(try ResultAddress(entry)) }
      for entry in try object.objects("routes") ?? [] { routes.append(try ResultRoute(entry)) }
    }
    dns = try object.object("dns").map { (part) throws(CNIError) in try DNSConfiguration(part) } ?? DNSConfiguration()
  }

  /// Reads `ip4` or `ip6` of versions 0.1.0 and 0.2.0.
  private mutating func read(_ part: ConfigurationObject, _ family: IPAddress.Family) throws(CNIError) {
    guard let value = part.value("ip") else { throw CNIError(missingField: part.path(of: "ip"), expected: ResultAddress.expectation) }
    let address = try value.subnet()
    guard address.family == family else { throw value.invalid(expected: family == .v4 ? "an IPv4 address" : "an IPv6 address") }
    addresses.append(ResultAddress(address, gateway: try part.address("gateway")))
    for entry in try part.objects("routes") ?? [] { routes.append(try ResultRoute(entry)) }
  }
}

extension ResultInterface {
  fileprivate init(_ object: ConfigurationObject) throws(CNIError) {
    self.init(name: try object.string("name") ?? "", mac: nil, sandbox: try object.string("sandbox"))
    mtu = try object.integer("mtu", in: 0...Int(UInt32.max)).flatMap { $0 == 0 ? nil : $0 }
    mac = try object.string("mac")
    socketPath = try object.string("socketPath")
    pciID = try object.string("pciID")
  }
}

extension ResultAddress {
  fileprivate static var expectation: String { "an address with a prefix length (10.1.2.3/24)" }

  fileprivate init(_ object: ConfigurationObject) throws(CNIError) {
    guard let address = try object.subnet("address") else {
      throw CNIError(missingField: object.path(of: "address"), expected: ResultAddress.expectation)
    }
    self.init(address, gateway: try object.address("gateway"), interface: try object.integer("interface"))
  }
}
