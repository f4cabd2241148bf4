import Addresses
public import CNI
import HostRules
import InterfaceSetup
import JSON
import Linux
import Netlink
import Routing

/// The `firewall` plugin: decides which containers may open connections to a container, after another plugin has connected it.
///
/// What it does is one element in the host's table of rules, whose owner is the attachment. It never changes what others have made.
public struct FirewallPlugin: Plugin {
  /// `firewall`
  public static let type = "firewall"
  /// Chains of plugins, and with them this one, work from 0.4.0 on.
  public static var supportedVersions: ClosedRange<CNIVersion> { .v040 ... .v110 }

  let configuration: FirewallConfiguration

  /// Decodes the keys.
  public init(_ request: PluginRequest) throws { configuration = try FirewallConfiguration(request) }

  /// Puts the policy into effect and answers the previous result as it is. Whatever fails, nothing is left.
  public func add(_ request: PluginRequest) throws -> CNIResult {
    let result = try previousResult(request)
    let isolation = try isolation(result)
    do {
      if let isolation { try apply(isolation, request, result) }
      if let zone = configuration.firewalldZone { try Firewalld.Sources(zone, result).add(for: request.attachment) }
    } catch {
      do { try delete(request) } catch { Log.warning("cleaning up after a failed ADD of \(request.attachment): \(error)") }
      throw error
    }
    return result
  }

  /// Removes what names the attachment as its owner; needs neither the previous result nor the namespace.
  public func delete(_ request: PluginRequest) throws {
    var failure: (any Error)?
    do { try Firewalld.Sources.remove(of: request.attachment) } catch { failure = error }
    var rules = try HostRules()
    try rules.remove([.isolation, .links], of: Owner(request.attachment))
    try rules.deferClosing()
    if let failure { throw failure }
  }

  /// Throws unless the rules, the bridge port and firewalld are as ADD left them.
  public func check(_ request: PluginRequest) throws {
    let result = try previousResult(request)
    if let isolation = try isolation(result) {
      var rules = try HostRules()
      let faults = try rules.verify([.isolation(isolation)] + (links(result).map { [.links($0)] } ?? []), of: Owner(request.attachment))
      if let first = faults.first { throw CNIError(.other, first, details: faults.dropFirst().joined(separator: "; ")) }
      if isolation.policy == .isolated, let port = try port(request, isolation.bridge), port.port?.isolated != true {
        throw CNIError(.other, "bridge port \(port.name) is not isolated")
      }
      if configuration.allowsLinks { try checkRoutes(request, result) }
    }
    if let zone = configuration.firewalldZone { try Firewalld.Sources(zone, result).check() }
  }

  /// Says whether the kernel, and firewalld if it is wanted, can do what an ADD needs.
  public func status(_ request: PluginRequest) throws {
    do {
      var rules = try HostRules()
      try rules.checkAvailability()
    } catch { throw CNIError(.notAvailable, "the kernel's nftables cannot be used: \(error)") }
    if configuration.firewalldZone != nil {
      do { _ = try Firewalld() } catch { throw CNIError(.notAvailable, "\(error)") }
    }
  }

  /// Removes what belongs to attachments of this network that are gone.
  public func collectGarbage(_ request: PluginRequest) throws {
    var failure: (any Error)?
    do { try Firewalld.Sources.collectGarbage(request.configuration.name, keeping: request.validAttachments) } catch { failure = error }
    var rules = try HostRules()
    try rules.collectGarbage(
      [.isolation, .links], network: request.configuration.name, keeping: Set(request.validAttachments.map { Owner($0) }))
    try rules.deferClosing()
    if let failure { throw failure }
  }

  private func previousResult(_ request: PluginRequest) throws(CNIError) -> CNIResult {
    guard let result = try request.configuration.previousResult() else {
      throw CNIError(.invalidConfiguration, "missing prevResult from earlier plugin")
    }
    return result
  }

  /// The policy with the bridge it is about: the result's first interface. Without interfaces only the open policy makes sense, and has nothing
  /// to say.
  func isolation(_ result: CNIResult) throws(CNIError) -> Isolation? {
    if let bridge = result.interfaces.first?.name, InterfaceName.isValid(bridge) { return Isolation(configuration.policy, bridge: bridge) }
    if configuration.policy == .open { return nil }
    let policy = configuration.policy.rawValue
    throw CNIError(
      .invalidConfiguration,
      "interface needs to be set for ingress policy \"\(policy)\", make sure to chain \"firewall\" plugin with \"bridge\"")
  }
}
