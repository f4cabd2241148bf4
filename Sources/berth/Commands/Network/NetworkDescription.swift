internal import Addresses
internal import CNI
internal import Engine
internal import JSON

/// A network as `docker network inspect` describes one.
struct NetworkDescription {
  /// The description.
  let json: JSONValue

  init(_ network: Network, _ places: Places) throws {
    let configuration = network.pools.map { pool -> JSONValue in
      var entry = JSONObject([("Subnet", .string(pool.subnet.description))])
      entry["IPRange"] = pool.range.map { .string($0) }
      entry["Gateway"] = pool.gateway.map { .string($0.description) }
      return .object(entry)
    }
    var members = JSONObject()
    for member in try NetworkMember.all(of: network.name, places) { members[member.id] = NetworkDescription.member(member) }
    json = [
      "Name": .string(network.name), "Id": .string(network.id), "Created": .string(network.created), "Scope": "local",
      "Driver": .string(network.driver), "EnableIPv6": .bool(network.pools.contains { $0.subnet.family == .v6 }),
      "IPAM": ["Driver": "default", "Options": [:], "Config": .array(configuration)], "Internal": .bool(network.isInternal),
      "Attachable": false, "Ingress": false, "ConfigOnly": false, "Containers": .object(members),
      "Options": NetworkDescription.pairs(network.options), "Labels": NetworkDescription.pairs(network.labels),
      "ConfigFile": .string(network.path), "Plugins": .array(network.list.plugins.map { .string($0.type) }),
    ]
  }

  /// `NAME=value` pairs as an object.
  static func pairs(_ texts: [String]) -> JSONValue {
    .object(JSONObject(texts.map { text in (String(text.prefix { $0 != "=" }), .string(String(text.drop { $0 != "=" }.dropFirst()))) }))
  }

  private static func member(_ member: NetworkMember) -> JSONValue {
    [
      "Name": .string(member.name), "EndpointID": .string("\(member.id.prefix(12))-\(member.interface)"),
      "MacAddress": .string(member.hardwareAddress),
      "IPv4Address": .string(member.addresses.first { !$0.contains(":") } ?? ""),
      "IPv6Address": .string(member.addresses.first { $0.contains(":") } ?? ""),
    ]
  }
}
