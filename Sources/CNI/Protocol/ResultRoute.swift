public import Addresses
public import JSON

/// A route inside the container: an entry of a result's or an IPAM configuration's `routes`.
public struct ResultRoute: Equatable, Sendable {
  /// Where it leads; host bits stay as they were written.
  public var destination: Subnet
  /// The next hop; nil means the first address's gateway, if it has one.
  public var gateway: IPAddress?
  /// The path's maximum transmission unit in bytes.
  public var mtu: Int?
  /// The largest TCP segment to announce, in bytes.
  public var advertisedMSS: Int?
  /// The route's metric: the lower, the better.
  public var priority: Int?
  /// The routing table's number.
  public var table: Int?
  /// The scope, `rtm_scope` of rtnetlink(7): 0 global, 253 link, 254 host.
  public var scope: Int?

  /// Describes a route with nothing but its next hop.
  public init(_ destination: Subnet, gateway: IPAddress? = nil) {
    self.destination = destination
    self.gateway = gateway
  }
}

extension ResultRoute {
  /// Reads a route; `dst` is required. `gw` may be of the other family (RFC 5549). Zero for mtu, advmss and priority is the same as absent; table 0 and scope 0 are not.
  public init(_ object: ConfigurationObject) throws(CNIError) {
    guard let destination = try object.subnet("dst") else {
      throw CNIError(missingField: object.path(of: "dst"), expected: "an address with a prefix length (0.0.0.0/0)")
    }
    self.init(destination, gateway: try object.address("gw"))
    let number = 0...Int(UInt32.max)
    mtu = try object.integer("mtu", in: number).flatMap { $0 == 0 ? nil : $0 }
    advertisedMSS = try object.integer("advmss", in: number).flatMap { $0 == 0 ? nil : $0 }
    priority = try object.integer("priority", in: number).flatMap { $0 == 0 ? nil : $0 }
    table = try object.integer("table", in: number)
    scope = try object.integer("scope", in: 0...255)
  }

  /// The route as an object, without what is not set.
  public var json: JSONValue {
    var object = JSONObject()
    object["dst"] = .string(destination.description)
    object["gw"] = gateway.map { .string($0.description) }
    for (key, value) in [("mtu", mtu), ("advmss", advertisedMSS), ("priority", priority), ("table", table), ("scope", scope)] {
      object[key] = value.map { .integer(Int64($0)) }
    }
    return .object(object)
  }
}
