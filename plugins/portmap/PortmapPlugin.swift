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
    if publication.ports.isEmpty { return result }
    warnOfKeysWithoutEffect()
    try refuseListeners(&publication, request.attachment)
    let entrance = LocalEntrance(publication)
    try entrance.open()
    var rules = try HostRules()
    try publish(&publication, for: Owner(request.attachment), &rules)
    forget { try StaleConnections.remove(before: publication) }
    warnOfObstacles(&rules)
    return result
  }

  /// Takes the ports back. Neither the previous result nor anything that ADD made needs to exist.
  public func delete(_ request: PluginRequest) throws {
    var rules = try HostRules()
    let owner = Owner(request.attachment), publication = try recorded(owner, rules)
    try rules.removeBeforeExit([.publication], of: owner)
    if let publication { forget { try StaleConnections.remove(after: publication) } }
  }

  /// Removes the ports of attachments that are not valid any more.
  public func collectGarbage(_ request: PluginRequest) throws {
    var rules = try HostRules()
    let network = request.configuration.name, valid = Set(request.validAttachments.map { Owner($0) })
    var invalid: [Publication] = []
    for case (let owner, .publication(let publication)) in try rules.concerns(network: network)
    where !valid.contains(where: { $0.label == owner.label }) { invalid.append(publication) }
    try rules.collectGarbage([.publication], network: network, keeping: valid)
    forget { for publication in invalid { try StaleConnections.remove(after: publication) } }
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

  /// What was published for an attachment; nil without a record.
  func recorded(_ owner: Owner, _ rules: borrowing HostRules) throws -> Publication? {
    for case .publication(let publication) in try rules.concerns(of: owner) { return publication }
    return nil
  }

  /// Ports work without it, only established exchanges may suffer: so a failure is told, and nothing more.
  private func forget(_ body: () throws -> Void) {
    do { try body() } catch { Log.warning("portmap: stale connections are still tracked: \(error)") }
  }

  private func warnOfKeysWithoutEffect() {
    for key in configuration.keysWithoutEffect {
      Log.warning("portmap: \(key) has no effect: connections are masqueraded by nftables, which needs no mark")
    }
  }

  /// Says which base chain of somebody else drops what is forwarded. Nothing is changed there, and ADD succeeds.
  private func warnOfObstacles(_ rules: inout HostRules) {
    do {
      for obstacle in try rules.forwardObstacles() {
        Log.warning("portmap: connections to published ports end at \(obstacle), unless a rule there accepts them")
      }
    } catch { Log.warning("portmap: cannot look for rules that drop forwarded packets: \(error)") }
  }
}
