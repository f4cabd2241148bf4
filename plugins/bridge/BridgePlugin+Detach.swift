import Addresses
public import CNI
import Conntrack
import HostRules
import InterfaceSetup
import Netlink
import Routing

extension BridgePlugin {
  /// Removes an attachment's rules, its link from the host and with it the container's end, and what is known of its connections; returns when
  /// all are gone. The bridge stays.
  func detach(_ request: PluginRequest) throws {
    var host = try RouteSocket()
    var rules = try HostRules()
    let owner = Owner(request.attachment)
    let addresses = try addresses(request, owner, rules)
    if configuration.hasRules { try rules.remove([.masquerade, .spoofCheck], of: owner) }
    var connections = try ConnectionTable()
    if let link = try host.hostInterface(of: request.attachment) {
      try host.removeQuickly(link, holding: [rules.descriptor, connections.descriptor])
    } else if configuration.hasRules {
      try rules.deferClosing()
    }
    BridgePlugin.forget(addresses, in: &connections)
  }

  /// The container's addresses: from the previous result, else from the record of its rules, else from its interface.
  private func addresses(_ request: PluginRequest, _ owner: Owner, _ rules: borrowing HostRules) throws -> [IPAddress] {
    // Whatever is wrong with a previous result, DEL goes on without it.
    if let result = try? request.configuration.previousResult() { return result.addresses.map(\.address.address) }
    for case .masquerade(let subnets) in try rules.concerns(of: owner) { return subnets.map(\.address) }
    guard configuration.ipamType != nil, let namespace = try request.networkNamespaceIfPresent() else { return [] }
    var container = try ContainerNamespace(namespace)
    guard let link = try container.routes.link(named: request.attachment.interfaceName) else { return [] }
    return try container.routes.addresses(linkIndex: link.index).map(\.address.address).filter { !$0.isLinkLocal }
  }

  /// Removes what the kernel remembers of connections with these addresses: the next container that gets one must not inherit them.
  static func forget(_ addresses: [IPAddress], in connections: inout ConnectionTable) {
    // Without connection tracking there is nothing to remove, and with an entry too many the network works all the same.
    do { try connections.remove(addresses.flatMap { ConnectionFilter.of($0) }) } catch {
      Log.warning("bridge: connections of \(addresses.map(\.description).joined(separator: " and ")) are still tracked: \(error)")
    }
  }

  /// The number that links to be deleted get: an arbitrary one that nobody else uses.
  private static var condemnedGroup: UInt32 { 0x636E_69 }

  /// Removes the links of this network's attachments that are not to stay, all with one request, and then lets the IPAM plugin collect.
  public func collectGarbage(_ request: PluginRequest) throws {
    var host = try RouteSocket()
    let orphans = try host.links(kind: "veth").filter { link in
      guard let owner = HostInterface.owner(of: link) else { return false }
      return owner.network == request.configuration.name && !request.validAttachments.contains(owner)
    }
    if !orphans.isEmpty {
      try host.perform(orphans.map { link in .change(.index(link.index)) { $0.group = BridgePlugin.condemnedGroup } })
      try host.perform(.delete(group: BridgePlugin.condemnedGroup))
    }
    var rules = try HostRules()
    let valid = Set(request.validAttachments.map { Owner($0) })
    var addresses: [IPAddress] = []
    for case (let owner, .masquerade(let subnets)) in try rules.concerns(network: request.configuration.name) where !valid.contains(owner) {
      addresses += subnets.map(\.address)
    }
    try rules.collectGarbage([.masquerade, .spoofCheck], network: request.configuration.name, keeping: valid)
    var connections = try ConnectionTable()
    BridgePlugin.forget(addresses, in: &connections)
    try ipam(request)?.collectGarbage()
  }
}
