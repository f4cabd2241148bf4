import Addresses
public import CNI
import InterfaceSetup
import Linux
import Netlink
import Routing

/// The `macvlan` plugin: gives containers interfaces of their own on a link of the host, as if they were machines on its network.
public struct MacvlanPlugin: Plugin {
  /// `macvlan`
  public static let type = "macvlan"

  private let configuration: MacvlanConfiguration

  /// Decodes the keys.
  public init(_ request: PluginRequest) throws { configuration = try MacvlanConfiguration(request) }

  /// Attaches the container. What a killed ADD of the same attachment left is cleared first.
  public func add(_ request: PluginRequest) throws -> CNIResult {
    try HostInterface.validate(request.attachment)
    var container = try ContainerNamespace(request.networkNamespace())
    try clearRemnants(request.attachment, &container)
    do {
      try NamespaceRecord(request.attachment).write(request.networkNamespacePath)
      let link = try create(request, &container)
      var result = try addresses(request)
      result.interfaces = [
        ResultInterface(name: link.name, mac: link.macAddress, mtu: Int(link.mtu), sandbox: request.networkNamespacePath)
      ]
      try container.configure(link, as: 0, of: result, detectsDuplicates: configuration.detectsDuplicates)
      try container.announce(link)
      if configuration.dns.isGiven { result.dns = configuration.dns }
      return result
    } catch {
      do { try delete(request) } catch { Log.warning("cleaning up after a failed ADD of \(request.attachment): \(error)") }
      throw error
    }
  }

  /// Removes the container's interface, and then its addresses: they may be given away only when nobody uses them any more.
  public func delete(_ request: PluginRequest) throws {
    try detach(request.attachment, from: try request.networkNamespaceIfPresent())
    try ipam(request)?.delete()
  }

  /// Compares the master, the container's interface, its addresses and routes with the previous result.
  public func check(_ request: PluginRequest) throws {
    guard let result = try request.configuration.previousResult() else {
      throw CNIError(.invalidConfiguration, "required prevResult missing")
    }
    try ipam(request)?.check()
    var container = try ContainerNamespace(request.networkNamespace())
    let master = try master(&container)
    let (position, link) = try container.checkInterface(request, in: result, kind: "macvlan")
    guard link.linkIndex == master.index else { throw CNIError(.other, "interface \(link.name) does not lie on \(master.name)") }
    guard link.macvlanMode == configuration.mode else {
      throw CNIError(.other, "interface \(link.name) has mode \(link.macvlanMode.map { "\($0)" } ?? "none"), not \(configuration.mode)")
    }
    guard link.isUp else { throw CNIError(.other, "interface \(link.name) is down") }
    try container.checkAddressesAndRoutes(link, as: position, of: result)
  }

  /// Asks the IPAM plugin, and whether the master is there.
  public func status(_ request: PluginRequest) throws {
    if !configuration.isMasterInContainer {
      var routes = try RouteSocket()
      do { _ = try master(among: &routes) } catch let error as CNIError { throw CNIError(.notAvailable, error.message) }
    }
    try ipam(request)?.status()
  }

  /// Removes the interfaces of this network's attachments that are not to stay, and then lets the IPAM plugin collect.
  public func collectGarbage(_ request: PluginRequest) throws {
    for record in try NamespaceRecord.all(network: request.configuration.name) where !request.validAttachments.contains(record.attachment) {
      try detach(record.attachment, from: try record.namespace())
    }
    try ipam(request)?.collectGarbage()
  }

  /// Removes an attachment's interface from the namespace, if there still is one, and forgets where it was.
  private func detach(_ attachment: Attachment, from namespace: consuming NetworkNamespace?) throws {
    if let namespace {
      var container = try ContainerNamespace(namespace)
      for link in try remnants(attachment, &container) { try container.routes.perform(.delete(.index(link.index))) }
    }
    try NamespaceRecord(attachment).remove()
  }

  private func ipam(_ request: PluginRequest) throws(CNIError) -> Delegate? {
    guard let type = configuration.ipamType else { return nil }
    return try Delegate(type, for: request)
  }

  /// Gets addresses for the container, all on its one interface.
  private func addresses(_ request: PluginRequest) throws -> CNIResult {
    guard let ipam = try ipam(request) else { return CNIResult() }
    var result = try ipam.addAddressesAnew()
    for position in result.addresses.indices { result.addresses[position].interface = 0 }
    return result
  }
}

extension MacvlanPlugin {
  /// Creates the interface. It gets its name only where nobody else can have it: the kernel looks the name up beside the master, too.
  private func create(_ request: PluginRequest, _ container: inout ContainerNamespace) throws -> Link {
    let master = try master(&container)
    let attachment = request.attachment, temporary = HostInterface.names(for: attachment, prefix: MacvlanPlugin.temporaryPrefix)[0]
    var device = MacvlanDevice(name: temporary, parentIndex: master.index, mode: configuration.mode)
    device.mtu = try configuration.mtu(below: master)
    device.macAddress = configuration.macAddress
    device.broadcastQueueLength = configuration.broadcastQueueLength
    if configuration.isMasterInContainer {
      try container.routes.perform(.create(device))
    } else {
      var host = try RouteSocket()
      try host.perform(.create(device, in: container.namespace))
    }
    guard let unnamed = try container.routes.link(named: temporary) else {
      throw CNIError(.other, "interface \(temporary) vanished from the container while it was being set up")
    }
    try container.routes.perform(
      .change(.index(unnamed.index)) { ($0.name, $0.alias) = (attachment.interfaceName, attachment.description) })
    guard let link = try container.routes.link(index: unnamed.index) else {
      throw CNIError(.other, "interface \(attachment.interfaceName) vanished from the container while it was being set up")
    }
    return link
  }

  private static var temporaryPrefix: String { "macv" }

  /// The link that the container's interface lies on.
  private func master(_ container: inout ContainerNamespace) throws -> Link {
    if configuration.isMasterInContainer { return try master(among: &container.routes) }
    var host = try RouteSocket()
    return try master(among: &host)
  }

  private func master(among routes: inout RouteSocket) throws -> Link {
    if let name = configuration.master {
      guard let link = try routes.link(named: name) else { throw CNIError(.other, "master \(name) does not exist") }
      return link
    }
    for family in [IPAddress.Family.v4, .v6] {
      let route = try routes.routes(family).first { $0.destination.prefixLength == 0 }
      if let index = route?.hops.first?.linkIndex, let link = try routes.link(index: index) { return link }
    }
    throw CNIError(.other, "no default route interface found")
  }

  /// The interfaces in the container that are this attachment's: the finished one, and one that a killed ADD has not named yet. Without an alias it
  /// is another implementation's.
  private func remnants(_ attachment: Attachment, _ container: inout ContainerNamespace) throws -> [Link] {
    let names = [attachment.interfaceName, HostInterface.names(for: attachment, prefix: MacvlanPlugin.temporaryPrefix)[0]]
    return try names.compactMap { try container.routes.link(named: $0) }.filter {
      $0.kind == MacvlanPlugin.type && ($0.alias == nil || $0.alias == attachment.description)
    }
  }

  /// Removes what an earlier ADD of the same attachment left; another's interface of that name is an error.
  private func clearRemnants(_ attachment: Attachment, _ container: inout ContainerNamespace) throws {
    for link in try remnants(attachment, &container) where link.alias != nil || link.name != attachment.interfaceName {
      try container.routes.perform(.delete(.index(link.index)))
    }
    if try container.routes.link(named: attachment.interfaceName) != nil {
      throw CNIError(.other, "interface \(attachment.interfaceName) already exists in the container")
    }
  }
}
