internal import Addresses
public import CNI
internal import JSON
internal import Routing

/// The interfaces of a container that no CNI runtime has attached, as attachments: podman's with netavark, docker's, or a namespace that somebody
/// made with ip(8). They count as a network of their own, and have a record as soon as something was done for them.
public enum InterfaceAttachments {
  /// The network that they count as.
  public static let network = "netctl"

  /// One for each interface that has an address and is joined to the host. Empty without any, and for a name that rules cannot be labelled with:
  /// with other characters than letters, digits, `_`, `.` and `-`.
  public static func of(_ namespace: NamespaceView, _ host: HostView) throws -> [CachedAttachment] {
    let name = namespace.owner.id ?? namespace.owner.name ?? namespace.processes.first.map { "pid-\($0)" } ?? ""
    guard Identifier.isValid(name), let path = namespace.path,
      let position = host.namespaces.firstIndex(where: { $0.identity == namespace.identity })
    else { return [] }
    let list: JSONValue = [
      "cniVersion": "1.1.0", "name": .string(network), "plugins": [["type": "portmap", "capabilities": ["portMappings": true]]],
    ]
    return try namespace.interfaces.compactMap { link in
      guard let end = host.peer(of: link, in: position), end.namespace == 0 else { return nil }
      let addresses = namespace.addresses(of: link).map(\.address).filter { !$0.address.isLinkLocal }
      if addresses.isEmpty { return nil }
      var entry = CachedAttachment(
        network: network, request: AttachmentRequest(containerID: name, interfaceName: link.name, networkNamespacePath: path),
        configuration: Array(list.text.utf8))
      let result = CNIResult(
        interfaces: [
          ResultInterface(name: end.link.name, mac: end.link.macAddress),
          ResultInterface(name: link.name, mac: link.macAddress, sandbox: path),
        ], addresses: addresses.map { ResultAddress($0, interface: 1) })
      if case .object(let object) = try result.json(version: .current) { entry.result = object }
      return entry
    }
  }
}
