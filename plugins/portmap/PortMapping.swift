import Addresses
import CNI
import JSON

/// One port of the host that is to lead to a port of the container: an entry of `runtimeConfig.portMappings`.
struct PortMapping: Hashable {
  let transport: TransportProtocol
  /// The one address of the host; nil for all of both families, 0.0.0.0 or :: for all of one.
  let hostAddress: IPAddress?
  let hostPort: UInt16
  let containerPort: UInt16

  /// Decodes an entry. Runtimes write a missing protocol as TCP, and a missing address as "".
  init(_ object: ConfigurationObject) throws(CNIError) {
    containerPort = try PortMapping.port("container", "containerPort", object)
    hostPort = try PortMapping.port("host", "hostPort", object)
    let name = try object.string("protocol") ?? TransportProtocol.tcp.rawValue
    guard let transport = TransportProtocol(rawValue: name.lowercased()) else {
      throw CNIError(field: object.path(of: "protocol"), expected: "tcp, udp or sctp", got: .string(name))
    }
    self.transport = transport
    hostAddress = try object.address("hostIP")
    if hostAddress?.isMulticast == true, let value = object.value("hostIP") {
      throw value.invalid(expected: "an address of this host, not a multicast group")
    }
  }

  /// Whether it concerns packets of that IP version.
  func concerns(_ family: IPAddress.Family) -> Bool { hostAddress == nil || hostAddress?.family == family }

  private static func port(_ side: String, _ key: String, _ object: ConfigurationObject) throws(CNIError) -> UInt16 {
    let number = try object.integer(key) ?? 0
    guard let port = UInt16(exactly: number), port > 0 else {
      throw CNIError(
        .invalidConfiguration, "Invalid \(side) port number: \(number)", details: "\(object.path(of: key)) must be 1 to 65535")
    }
    return port
  }
}

extension PortMapping: Comparable {
  /// By protocol, address, host port and container port, so that what can be joined to a range is in a row.
  static func < (left: PortMapping, right: PortMapping) -> Bool {
    if left.transport != right.transport { return left.transport.number < right.transport.number }
    if left.hostAddress != right.hostAddress {
      guard let own = left.hostAddress, let other = right.hostAddress else { return left.hostAddress == nil }
      return own < other
    }
    return (left.hostPort, left.containerPort) < (right.hostPort, right.containerPort)
  }
}

extension PortMapping: CustomStringConvertible {
  /// `tcp 8080`, `udp 127.0.0.1:53`, `tcp [::1]:80`: the host's side.
  var description: String {
    guard let hostAddress else { return "\(transport) \(hostPort)" }
    return "\(transport) " + (hostAddress.family == .v4 ? "\(hostAddress):\(hostPort)" : "[\(hostAddress)]:\(hostPort)")
  }
}
