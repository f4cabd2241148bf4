internal import Addresses
internal import HostRules
internal import Inspection
internal import JSON
internal import Linux
internal import Routing
internal import Rulesets

/// The namespaces of a host as JSON.
struct NamespaceReport {
  private let host: HostView

  init(_ host: HostView) { self.host = host }

  /// `{"namespaces": […], "hidden_processes": 0, "problems": []}`
  var json: JSONValue {
    [
      "namespaces": .array(host.namespaces.indices.dropFirst().map { namespace($0) }),
      "hidden_processes": .integer(Int64(host.hiddenProcesses)), "problems": .array(host.problems.map { .string($0) }),
    ]
  }

  private func namespace(_ position: Int) -> JSONValue {
    let namespace = host.namespaces[position], owner = namespace.owner
    return [
      "owner": ["kind": .string(owner.kind.rawValue), "id": text(owner.id), "name": text(owner.name)],
      "inode": .integer(Int64(bitPattern: namespace.identity.inode)), "path": text(namespace.path),
      "pid": namespace.processes.first.map { .integer(Int64($0)) } ?? .null,
      "age_seconds": namespace.age.map { .integer(Int64($0)) } ?? .null,
      "interfaces": .array(namespace.interfaces.map { interface($0, namespace, position) }), "problem": text(namespace.problem),
    ]
  }

  private func interface(_ link: Link, _ namespace: NamespaceView, _ position: Int) -> JSONValue {
    let addresses = namespace.addresses(of: link).map(\.address), peer = host.peer(of: link, in: position)
    var object: JSONObject = [
      ("name", .string(link.name)), ("up", .bool(link.isUp)), ("kind", text(link.kind)), ("mac", text(link.macAddress?.description)),
      ("mtu", .integer(Int64(link.mtu))), ("addresses", .array(addresses.map { .string($0.description) })),
    ].reduce(into: JSONObject()) { $0[$1.0] = $1.1 }
    object["host_interface"] = text(peer.flatMap { $0.namespace == 0 ? $0.link.name : nil })
    object["bridge"] = text(peer.flatMap { host.master(of: $0.link, in: $0.namespace)?.name })
    object["ports"] = .array(
      host.publishedPorts(to: link, in: position).map { $0.json } + host.foreignPorts(to: link, in: position).map { $0.json })
    if let traffic = link.traffic {
      object["rx"] = counts(traffic.receivedPackets, traffic.receivedBytes, traffic.receivedDropped)
      object["tx"] = counts(traffic.sentPackets, traffic.sentBytes, traffic.sentDropped)
    }
    return .object(object)
  }

  private func counts(_ packets: UInt64, _ bytes: UInt64, _ dropped: UInt64) -> JSONValue {
    [
      "packets": .integer(Int64(clamping: packets)), "bytes": .integer(Int64(clamping: bytes)),
      "dropped": .integer(Int64(clamping: dropped)),
    ]
  }

  private func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}

extension HeldPort {
  /// `{"protocol": "tcp", "host_address": null, "host_ports": [8080, 8080], …}`
  var json: JSONValue {
    [
      "protocol": .string(port.transport.rawValue), "host_address": port.hostAddress.map { .string($0.description) } ?? .null,
      "host_ports": [.integer(Int64(port.hostPorts.lowerBound)), .integer(Int64(port.hostPorts.upperBound))],
      "container_address": .string(container.description), "container_port": .integer(Int64(port.containerPort)),
      "owner": owner.map { ["network": .string($0.network), "container": .string($0.containerID), "interface": .string($0.interfaceName)] }
        ?? .null, "connections": connections.map { .integer(Int64(clamping: $0)) } ?? .null,
    ]
  }
}

extension ForeignPort {
  /// The same for a port that somebody else's rule publishes: `maker` and `rule` say whose.
  var json: JSONValue {
    [
      "protocol": .string(port.transport.rawValue), "host_address": port.hostAddress.map { .string($0.description) } ?? .null,
      "host_ports": [.integer(Int64(port.hostPorts.lowerBound)), .integer(Int64(port.hostPorts.upperBound))],
      "container_address": .string(container.description), "container_port": .integer(Int64(port.containerPort)), "owner": .null,
      "maker": maker.map { .string($0) } ?? .null, "rule": .string("\(table) \(chain)"),
      "connections": connections.map { .integer(Int64(clamping: $0)) } ?? .null,
    ]
  }
}
