import Addresses
import CNI
import JSON
import Linux
import Overlay

/// This host's part of an overlay, whoever said so: overlayd, or flannel's daemon.
struct HostPart {
  /// The networks that containers get addresses of, IPv4 first.
  let subnets: [Subnet]
  /// All containers' networks.
  let overlays: [Subnet]
  /// The largest packet in bytes.
  let mtu: UInt32
  /// The VXLAN number, or what else tells the host's overlays apart.
  let number: UInt32
  /// Whether a daemon masquerades already.
  let isMasqueraded: Bool

  /// Looks where the configuration says. Throws code 11 if there is no lease yet.
  static func find(_ configuration: OverlayConfiguration) throws -> HostPart {
    if let path = configuration.subnetFile { return try HostPart(subnetFile: path) }
    let folder = StateFolder(network: configuration.network, root: configuration.stateFolder)
    if let state = try folder.state() { return try HostPart(state, configuration) }
    // A configuration of flannel's mostly leaves the file's name out.
    if FileSystem.exists(OverlayConfiguration.defaultSubnetFile) {
      return try HostPart(subnetFile: OverlayConfiguration.defaultSubnetFile)
    }
    throw CNIError(
      .tryAgainLater, "overlayd has not said anything about the network \(configuration.network) yet",
      details: "\(folder.path)/state.json does not exist")
  }

  private init(_ state: OverlayState, _ configuration: OverlayConfiguration) throws(CNIError) {
    guard let lease = state.lease, state.isReady else {
      throw CNIError(
        .tryAgainLater, "this host has no lease of the network \(configuration.network) yet", details: state.storeFault ?? "")
    }
    if let wanted = configuration.dataPath, wanted != lease.dataPath {
      throw CNIError(field: "datapath", expected: "\(lease.dataPath.rawValue), as overlayd has it", got: .string(wanted.rawValue))
    }
    if let wanted = configuration.vni, let vni = lease.vni, wanted != vni {
      throw CNIError(field: "vni", expected: "\(vni), as overlayd has it", got: .integer(Int64(wanted)))
    }
    subnets = lease.subnets
    overlays = state.overlays
    mtu = state.mtu
    number = lease.vni ?? 1
    isMasqueraded = false
  }

  private init(subnetFile path: String) throws {
    guard let text = try FileSystem.readIfPresent(path, limit: 65536) else {
      throw CNIError(.tryAgainLater, "flannel has no lease yet", details: "\(path) does not exist")
    }
    let environment: SubnetEnvironment
    do { environment = try SubnetEnvironment(parsing: String(decoding: text, as: UTF8.self)) } catch {
      throw CNIError(error.code, "\(path): \(error.message)", details: error.details)
    }
    subnets = [environment.subnet, environment.ipv6Subnet].compactMap { $0?.network }
    overlays = [environment.network, environment.ipv6Network].compactMap { $0?.network }
    mtu = environment.mtu
    number = 1
    isMasqueraded = environment.daemonMasquerades
  }
}
