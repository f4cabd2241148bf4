import Addresses
public import CNI
import HostRules
import InterfaceSetup
import Linux
import Netlink

/// The `portmap` plugin: publishes ports of a container on the host. It comes after a plugin that has made an interface.
public struct PortmapPlugin: Plugin {
  /// `portmap`
  public static let type = "portmap"

  let configuration: PortmapConfiguration

  /// Decodes the keys.
  public init(_ request: PluginRequest) throws { configuration = try PortmapConfiguration(request) }

  /// Publishes the ports, all of them or none, and passes the previous result on. Adding the same again changes nothing.
  public func add(_ request: PluginRequest) throws -> CNIResult {
    guard let result = try request.configuration.previousResult() else {
      throw CNIError(.invalidConfiguration, "must be called as chained plugin")
    }
    if configuration.mappings.isEmpty { return result }
    var publication = try publication(result, request)
    warnOfWhatHasNoEffect(publication, request.attachment)
    if publication.ports.isEmpty { return result }
    try refuseListeners(&publication, request.attachment)
    let entrance = LocalEntrance(publication)
    try entrance.open()
    var rules = try HostRules()
    try publish(&publication, for: Owner(request.attachment), &rules)
    forgetConnections(request.attachment.description) { try StaleConnections.remove(before: publication, &rules) }
    warnOfObstacles(&rules, request.attachment)
    return result
  }

  /// Takes the ports back. Neither the previous result nor anything that ADD made needs to exist.
  public func delete(_ request: PluginRequest) throws {
    var rules = try HostRules()
    let owner = Owner(request.attachment), generation = try rules.generation(), publication = try rules.publication(of: owner)
    try rules.remove([.publication], of: owner)
    if let publication { forgetConnections(owner.label) { try StaleConnections.remove(after: publication, &rules) } }
    if try rules.generation() != generation { try rules.deferClosing() }
  }

  /// Removes the ports of attachments that are not valid any more.
  public func collectGarbage(_ request: PluginRequest) throws {
    var rules = try HostRules()
    let network = request.configuration.name, valid = Set(request.validAttachments.map { Owner($0) }), labels = Set(valid.map(\.label))
    var invalid: [Publication] = []
    for case (let owner, .publication(let publication)) in try rules.concerns(network: network) where !labels.contains(owner.label) {
      invalid.append(publication)
    }
    try rules.collectGarbage([.publication], network: network, keeping: valid)
    forgetConnections(network) { for publication in invalid { try StaleConnections.remove(after: publication, &rules) } }
  }

  /// Asks the kernel for what an ADD needs: the permission to change rules, and a place for the record.
  public func status(_ request: PluginRequest) throws {
    do {
      var rules = try HostRules()
      try rules.requireReadiness()
    } catch { throw CNIError(.notAvailable, "ports cannot be published: \(error)") }
  }

  /// What is to be published, as far as the container has addresses for it.
  func publication(_ result: CNIResult, _ request: PluginRequest) throws -> Publication {
    let containers = ContainerAddresses(result, interface: request.attachment.interfaceName).all
    let ports = configuration.mappings.ports(containers.map(\.family))
    return Publication(
      containers: containers, ports: ports, sourceTranslation: configuration.sourceTranslation, conditions: configuration.conditions)
  }

  /// Ports work without it, only exchanges that were going on may suffer: so a failure is told, and nothing more.
  private func forgetConnections(_ whose: String, _ body: () throws -> Void) {
    do { try body() } catch { Log.warning("\(whose): stale connections are still tracked: \(error)") }
  }

  /// Tells of what was asked for and is not done.
  private func warnOfWhatHasNoEffect(_ publication: Publication, _ attachment: Attachment) {
    for key in configuration.keysWithoutEffect {
      Log.warning("\(attachment): \(key) has no effect: connections are masqueraded by nftables, which needs no mark")
    }
    for mapping in configuration.mappings.all {
      guard let family = mapping.hostAddress?.family, !publication.containers.contains(where: { $0.family == family }) else { continue }
      Log.warning("\(attachment): \(mapping) is not published: the container has no \(family == .v4 ? "IPv4" : "IPv6") address")
    }
  }

  /// Says which base chain of somebody else drops what is forwarded. Nothing is changed there, and ADD succeeds.
  private func warnOfObstacles(_ rules: inout HostRules, _ attachment: Attachment) {
    do {
      for obstacle in try rules.forwardObstacles() {
        Log.warning("\(attachment): connections to its published ports will be dropped unless a rule there accepts them: \(obstacle)")
      }
    } catch { Log.warning("\(attachment): cannot look for rules that drop forwarded packets: \(error)") }
  }
}
