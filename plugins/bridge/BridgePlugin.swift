public import Addresses
public import CNI
import HostRules
import InterfaceSetup
import Linux
import Netlink
import Routing

/// The `bridge` plugin: joins containers by a bridge on the host, which can be their router too.
public struct BridgePlugin: Plugin {
  /// `bridge`
  public static let type = "bridge"

  let configuration: BridgeConfiguration

  /// Decodes the keys.
  public init(_ request: PluginRequest) throws { configuration = try BridgeConfiguration(request) }

  /// Decodes the keys, for a plugin that is built upon this one. The containers are seen in `networks` with their own addresses, and the bridge
  /// keeps the addresses of networks that it had before.
  public init(_ request: PluginRequest, reaching networks: [Subnet]) throws {
    var configuration = try BridgeConfiguration(request)
    configuration.reachable = networks
    configuration.keepsOtherGateways = true
    self.configuration = configuration
  }

  /// Attaches the container. What a killed ADD of the same attachment left is cleared first.
  public func add(_ request: PluginRequest) throws -> CNIResult {
    try HostInterface.validate(request.attachment)
    var host = try RouteSocket()
    var container = try ContainerNamespace(request.networkNamespace())
    try clearRemnants(request.attachment, &host, &container)
    var result = try addresses(request)
    do {
      try attach(request, &result, &host, &container)
      return result
    } catch {
      undo(request)
      throw error
    }
  }

  /// Removes the container's link, its rules, and then its addresses: they may be given away only when nobody uses them any more.
  public func delete(_ request: PluginRequest) throws {
    var failures: [any Error] = []
    func attempt(_ step: () throws -> Void) { do { try step() } catch { failures.append(error) } }
    attempt { try detach(request) }
    // While the link may still be there its addresses stay reserved.
    if failures.isEmpty { attempt { try ipam(request)?.delete() } }
    if let failure = failures.first { throw failure }
  }

  /// Asks the IPAM plugin, and whether the kernel can do what an ADD needs.
  public func status(_ request: PluginRequest) throws {
    do {
      var rules = try HostRules()
      try rules.checkAvailability()
    } catch { throw CNIError(.notAvailable, "the kernel's nftables cannot be used: \(error)") }
    try ipam(request)?.status()
  }

  /// The IPAM plugin; nil for a network without addresses.
  func ipam(_ request: PluginRequest) throws(CNIError) -> Delegate? {
    guard let type = configuration.ipamType else { return nil }
    return try Delegate(type, for: request)
  }

  /// Gets addresses for the container, all on interface 2 of the result.
  private func addresses(_ request: PluginRequest) throws -> CNIResult {
    guard let ipam = try ipam(request) else { return CNIResult() }
    var result = try ipam.addAddressesAnew()
    for position in result.addresses.indices { result.addresses[position].interface = BridgePlugin.containerPosition }
    return result
  }

  /// Removes the link that an earlier ADD of the same attachment left; another's interface of that name is an error.
  private func clearRemnants(_ attachment: Attachment, _ host: inout RouteSocket, _ container: inout ContainerNamespace) throws {
    let remnant = try host.hostInterface(of: attachment)
    if let inside = try container.routes.link(named: attachment.interfaceName) {
      guard let remnant, inside.linkIndex == remnant.index || remnant.linkIndex == inside.index else {
        throw CNIError(.other, "interface \(attachment.interfaceName) already exists in the container")
      }
    }
    if let remnant { try host.perform(.delete(.index(remnant.index))) }
  }

  /// Takes back what a failed ADD has made; a second failure is only told, because the first one is the answer.
  private func undo(_ request: PluginRequest) {
    do { try delete(request) } catch { Log.warning("cleaning up after a failed ADD of \(request.attachment): \(error)") }
  }

  /// Where the container's interface stands in the result: after the bridge and the host's interface.
  static let containerPosition = 2
}
