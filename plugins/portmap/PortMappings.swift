import Addresses
import CNI
import HostRules

/// The port mappings of one configuration: sorted, without repetitions, and none contradicting another.
struct PortMappings {
  /// In the order of `PortMapping.<`.
  private(set) var all: [PortMapping]

  /// Decodes `runtimeConfig.portMappings`.
  init(_ runtimeConfig: ConfigurationObject) throws(CNIError) {
    all = []
    for entry in try runtimeConfig.objects("portMappings") ?? [] { all.append(try PortMapping(entry)) }
    if all.count < 2 { return }
    all.sort()
    try removeRepetitions()
  }

  /// Whether there is nothing to publish.
  var isEmpty: Bool { all.isEmpty }

  /// The mappings that concern one of the families, as ranges: consecutive host ports that lead to consecutive container ports are one.
  func ports(_ families: [IPAddress.Family]) -> [PublishedPort] {
    var ports: [PublishedPort] = [], start = 0
    let mappings = families.count == 2 ? all : all.filter { mapping in families.contains { mapping.concerns($0) } }
    while start < mappings.count {
      let first = mappings[start]
      var end = start + 1
      while end < mappings.count, mappings[end].follows(mappings[end - 1]) { end += 1 }
      // Ports of the last one are valid, and those between are smaller.
      let hostPorts = first.hostPort...mappings[end - 1].hostPort
      if let port = PublishedPort(
        first.transport, hostAddress: first.hostAddress, hostPorts: hostPorts, containerPort: first.containerPort)
      {
        ports.append(port)
      }
      start = end
    }
    return ports
  }

  /// Throws if a port of the host leads to two ports of the container. A mapping on one address may differ from the one on all addresses:
  /// the single address wins.
  private mutating func removeRepetitions() throws(CNIError) {
    var kept: [PortMapping] = []
    for mapping in all {
      if let last = kept.last, last.isSameHostPort(as: mapping) {
        if last.containerPort != mapping.containerPort { throw PortMappings.contradiction(last, mapping) }
      } else {
        kept.append(mapping)
      }
    }
    all = kept
    // "All addresses of IPv4" repeats what "all addresses" says.
    guard kept.contains(where: { $0.hostAddress?.isUnspecified == true }), kept.contains(where: { $0.hostAddress == nil }) else { return }
    var everywhere: [TransportProtocol: [UInt16: PortMapping]] = [:]
    for mapping in kept where mapping.hostAddress == nil { everywhere[mapping.transport, default: [:]][mapping.hostPort] = mapping }
    all = []
    for mapping in kept {
      if mapping.hostAddress?.isUnspecified == true, let other = everywhere[mapping.transport]?[mapping.hostPort] {
        if other.containerPort != mapping.containerPort { throw PortMappings.contradiction(other, mapping) }
      } else {
        all.append(mapping)
      }
    }
  }

  private static func contradiction(_ one: PortMapping, _ other: PortMapping) -> CNIError {
    CNIError(
      .invalidConfiguration, "host port \(other) is mapped to container ports \(one.containerPort) and \(other.containerPort)",
      details: "runtimeConfig.portMappings")
  }
}

extension PortMapping {
  fileprivate func isSameHostPort(as other: PortMapping) -> Bool {
    transport == other.transport && hostAddress == other.hostAddress && hostPort == other.hostPort
  }

  fileprivate func follows(_ other: PortMapping) -> Bool {
    transport == other.transport && hostAddress == other.hostAddress && hostPort == other.hostPort &+ 1
      && containerPort == other.containerPort &+ 1
  }
}
