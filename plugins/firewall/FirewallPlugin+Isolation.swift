import CNI
import HostRules
import InterfaceSetup
import Linux
import Netlink
import Routing

extension FirewallPlugin {
  /// Adds the attachment's element, isolates its bridge port if the policy says so, and tells whose chains will not let its packets through.
  func apply(_ isolation: Isolation, _ request: PluginRequest, _ result: CNIResult) throws {
    var rules = try HostRules()
    let owner = Owner(request.attachment), links = links(result)
    try rules.add([.isolation(isolation)] + (links.map { [.links($0)] } ?? []), for: owner)
    // What an earlier ADD with another configuration has left.
    if links == nil, try rules.concerns(of: owner).contains(where: { $0.kind == .links }) { try rules.remove([.links], of: owner) }
    for obstacle in try rules.forwardObstacles() {
      Log.warning(
        "\(request.attachment): what is forwarded to and from the container will be dropped unless a rule there accepts it: \(obstacle)")
    }
    if configuration.allowsLinks { try routeThroughHost(request, result) }
    guard isolation.policy == .isolated, let port = try port(request, isolation.bridge) else { return }
    if port.port?.isolated == true { return }
    var host = try RouteSocket()
    try host.perform(.change(.index(port.index)) { $0.portIsolated = true })
  }

  /// The port by which the container is connected to the bridge; nil if it is connected in another way.
  ///
  /// Packets within a bridge do not pass the host's rules, so the bridge itself has to keep isolated containers apart.
  func port(_ request: PluginRequest, _ bridge: String) throws -> Link? {
    var host = try RouteSocket()
    guard let master = try host.link(named: bridge), master.bridge != nil else { return nil }
    let link = try host.hostInterface(of: request.attachment) ?? peer(request, &host)
    return link?.masterIndex == master.index ? link : nil
  }

  /// The host's end of a pair that another implementation has made.
  private func peer(_ request: PluginRequest, _ host: inout RouteSocket) throws -> Link? {
    var routes = try request.networkNamespace().inside { try RouteSocket() }
    guard let inside = try routes.link(named: request.attachment.interfaceName), inside.kind == "veth", let index = inside.linkIndex,
      let link = try host.link(index: index), link.kind == "veth", link.linkIndex == inside.index
    else { return nil }
    return link
  }
}
