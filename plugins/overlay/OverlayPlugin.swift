import Addresses
import BridgePlugin
public import CNI
import JSON
import Linux
import Overlay

/// The `overlay` plugin: joins containers of this host by a bridge whose addresses are this host's part of an overlay of many hosts.
///
/// It finds that part, and lets the bridge plugin do the rest in this process.
public struct OverlayPlugin: Plugin {
  /// `overlay`
  public static let type = "overlay"

  private let configuration: OverlayConfiguration
  private let part: HostPart?
  private let bridgeRequest: PluginRequest
  private let bridge: BridgePlugin

  /// Decodes the keys. Only ADD and STATUS need a lease: what they made can be undone without.
  public init(_ request: PluginRequest) throws {
    configuration = try OverlayConfiguration(request)
    do { part = try HostPart.find(configuration) } catch let error as CNIError {
      switch request.command {
      case .add: throw error
      case .status: throw CNIError(error.code == .tryAgainLater ? .notAvailable : error.code, error.message, details: error.details)
      default: part = nil
      }
    }
    bridgeRequest = try request.with(OverlayPlugin.bridgeFields(request.configuration.fields, configuration, part))
    bridge = try BridgePlugin(bridgeRequest, reaching: part?.overlays ?? [])
  }

  /// Attaches the container to this host's bridge of the overlay.
  public func add(_ request: PluginRequest) throws -> CNIResult { try bridge.add(bridgeRequest) }

  /// Detaches the container; needs neither a lease nor overlayd.
  public func delete(_ request: PluginRequest) throws { try bridge.delete(bridgeRequest) }

  /// Compares the attachment with what ADD made.
  public func check(_ request: PluginRequest) throws { try bridge.check(bridgeRequest) }

  /// Throws code 51 if the control plane has been lost for too long, or containers have addresses that another host got.
  public func status(_ request: PluginRequest) throws {
    if configuration.subnetFile == nil, let state = try StateFolder(network: configuration.network, root: configuration.stateFolder).state()
    {
      for lost in state.lost {
        let stranded = try addresses(in: lost.subnet)
        if let first = stranded.first {
          throw CNIError(
            .limitedConnectivity, "\(stranded.count) addresses of \(lost.subnet) are in use on this host, but \(lost.reason)",
            details: "recreate the containers, the first of which has \(first)")
        }
      }
      if let seconds = state.secondsSinceContact, seconds > state.contactLimit {
        throw CNIError(
          .limitedConnectivity, "the overlay's control plane has been lost for \(seconds) s",
          details: state.storeFault ?? "overlayd does not run")
      }
    }
    try bridge.status(bridgeRequest)
  }

  /// Removes what belongs to attachments that are not valid.
  public func collectGarbage(_ request: PluginRequest) throws { try bridge.collectGarbage(bridgeRequest) }

  /// The addresses of a network that host-local has leased to containers of this one.
  private func addresses(in subnet: Subnet) throws -> [IPAddress] {
    let folder = try bridgeRequest.configuration.ipam()?.string("dataDir") ?? "/var/lib/cni/networks"
    guard let open = try Folder(ifPresent: "\(folder)/\(bridgeRequest.configuration.name)") else { return [] }
    return try open.entries().compactMap { IPAddress($0.name) }.filter { subnet.contains($0) }
  }
}

extension OverlayPlugin {
  /// The bridge plugin's configuration: what was given, with flannel's `delegate` over it, and completed.
  private static func bridgeFields(
    _ given: ConfigurationObject, _ configuration: OverlayConfiguration, _ part: HostPart?
  ) throws -> JSONObject {
    var fields = given.json
    for key in ["network", "stateFolder", "subnetFile", "datapath", "vni", "port", "delegate"] { fields[key] = nil }
    if let delegate = try given.object("delegate") {
      if let type = try delegate.string("type"), type != "bridge" {
        throw CNIError(field: delegate.path(of: "type"), expected: "bridge", got: .string(type))
      }
      for member in delegate.json.members { fields[member.name] = member.value }
    }
    fields["type"] = "bridge"
    func complete(_ key: String, _ value: JSONValue) { if fields[key] == nil { fields[key] = value } }
    complete("bridge", .string("br-ovl.\(part?.number ?? 1)"))
    complete("isGateway", true)
    complete("isDefaultGateway", true)
    complete("hairpinMode", true)
    complete("ipMasq", .bool(part?.isMasqueraded != true))
    if let part { fields["mtu"] = .integer(Int64(min(configuration.mtu ?? part.mtu, part.mtu))) }
    fields["ipam"] = .object(try addressing(given, fields, part))
    return fields
  }

  /// host-local's section: the lease's networks, and a way to the rest of the overlay.
  private static func addressing(_ given: ConfigurationObject, _ fields: JSONObject, _ part: HostPart?) throws -> JSONObject {
    let ipam = try ConfigurationObject(fields).object("ipam")
    var section = ipam?.json ?? JSONObject()
    if let ipam {
      if let type = try ipam.string("type"), type != "host-local" {
        throw CNIError(field: "ipam.type", expected: "host-local", got: .string(type))
      }
      for key in ["subnet", "ranges", "rangeStart", "rangeEnd", "gateway"] {
        if let value = ipam.value(key) { throw value.invalid(expected: "nothing, because this host's lease decides") }
      }
    }
    section["type"] = "host-local"
    // What is released is found by its owner, so without a lease any network does: RFC 5737's for documentation.
    let networks = part?.subnets.map(\.description) ?? ["192.0.2.0/24"]
    section["ranges"] = .array(networks.map { [["subnet": .string($0)]] })
    if case .bool(true)? = fields["isDefaultGateway"] { return section }
    var routes: [JSONValue] = []
    if case .array(let present)? = section["routes"] { routes = present }
    routes += (part?.overlays ?? []).map { ["dst": .string($0.description)] }
    section["routes"] = .array(routes)
    return section
  }
}
