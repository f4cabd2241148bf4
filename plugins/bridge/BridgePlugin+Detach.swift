public import CNI
import HostRules
import InterfaceSetup
import Netlink
import Routing

extension BridgePlugin {
  /// Removes an attachment's rules, and its link from the host and with it the container's end; returns when they are gone. The bridge stays.
  func detach(_ attachment: Attachment) throws {
    var host = try RouteSocket()
    var rules = try HostRules()
    if configuration.hasRules { try rules.remove([.masquerade, .spoofCheck], of: Owner(attachment)) }
    guard let link = try host.hostInterface(of: attachment) else {
      return configuration.hasRules ? try rules.deferClosing() : ()
    }
    try host.removeQuickly(link, holding: rules.descriptor)
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
    try rules.collectGarbage(
      [.masquerade, .spoofCheck], network: request.configuration.name, keeping: Set(request.validAttachments.map(Owner.init)))
    try ipam(request)?.collectGarbage()
  }
}
