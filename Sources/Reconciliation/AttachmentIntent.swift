internal import Addresses
internal import BridgePlugin
internal import CNI
internal import FirewallPlugin
internal import HostLocalPlugin
internal import HostRules
internal import InterfaceSetup
internal import PortmapPlugin
internal import Routing
internal import TuningPlugin

/// What one attachment is to have, by the result of its ADD and the configuration that ADD got.
struct AttachmentIntent {
  /// Whom it is about.
  let attachment: Attachment
  /// The container's network namespace.
  let path: String
  /// What ADD answered.
  let result: CNIResult
  /// Where the container's interface stands in the result; nil if the result does not name it.
  let position: Int?
  /// The bridge that it is connected to; nil for other plugins.
  private(set) var bridge: BridgeIntent?
  /// Whether a plugin wants the bridge port isolated.
  private(set) var isIsolated = false
  /// What the host's rules do for it.
  private(set) var concerns: [Concern] = []
  /// Routes inside, besides those of the result.
  private(set) var routes: [Route] = []
  /// Where leases are kept, and which it has.
  private(set) var leases: (folder: String, addresses: [IPAddress])?
  /// Parameters inside: places below `/proc/sys/net` and values.
  private(set) var parameters: [(path: String, value: String)] = []
  /// Properties of the interface inside.
  private(set) var link = LinkChange()

  /// The interface inside as the result describes it.
  var interface: ResultInterface? { position.map { result.interfaces[$0] } }

  /// The addresses of the interface inside.
  var addresses: [ResultAddress] {
    guard let position else { return [] }
    return result.addresses.filter { $0.interface == position || $0.interface == nil }
  }

  /// The name of the host's end, if the result names it.
  var hostInterfaceName: String? {
    result.interfaces.first { $0.sandbox?.isEmpty ?? true && $0.name != bridge?.bridge && !$0.name.hasPrefix("bwp") }?.name
  }

  init(_ entry: CachedAttachment, _ list: NetworkList) throws {
    attachment = entry.attachment
    path = entry.request.networkNamespacePath
    let result = try entry.decodedResult(list.version) ?? CNIResult()
    self.result = result
    let name = entry.attachment.interfaceName
    position = result.interfaces.firstIndex { $0.name == name && $0.sandbox?.isEmpty == false }
    for request in try entry.checks(of: list) {
      switch request.configuration.type {
      case BridgePlugin.type:
        let intent = try BridgePlugin(request).intent(request, result)
        bridge = intent
        isIsolated = isIsolated || intent.isIsolated
        concerns += intent.concerns
        if try request.configuration.ipamType() == HostLocalPlugin.type {
          let ipam = try HostLocalPlugin(request)
          leases = (ipam.leaseFolder, ipam.intendedLeases(result))
        }
      case PortmapPlugin.type:
        if let publication = try PortmapPlugin(request).intent(request, result) { concerns.append(.publication(publication)) }
      case FirewallPlugin.type:
        let intent = try FirewallPlugin(request).intent(result)
        concerns += intent.concerns
        routes += intent.routes
        if case .isolation(let isolation)? = intent.concerns.first, isolation.policy == .isolated { isIsolated = true }
      case TuningPlugin.type:
        let plugin = try TuningPlugin(request)
        parameters += plugin.intendedParameters
        link = plugin.intendedLink
      default: break
      }
    }
  }
}
