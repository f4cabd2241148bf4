import Addresses
public import CNI
import InterfaceSetup
import Netlink
import Routing

/// The `loopback` plugin: switches the container's loopback interface on, whatever CNI_IFNAME says.
public struct LoopbackPlugin: Plugin {
  /// `loopback`
  public static let type = "loopback"

  /// There is nothing to configure.
  public init(_ request: PluginRequest) throws {}

  /// Switches `lo` on; answers the previous result if there is one, else `lo` with its addresses.
  public func add(_ request: PluginRequest) throws -> CNIResult {
    let previous = try request.configuration.previousResult()
    var container = try ContainerNamespace(request.networkNamespace())
    let loopback = try container.loopback()
    try container.routes.perform(.change(.index(loopback.index)) { $0.isUp = true })
    if let previous { return previous }
    let interface = ResultInterface(
      name: loopback.name, mac: MACAddress(value: 0), mtu: Int(loopback.mtu), sandbox: request.networkNamespacePath)
    let addresses = try container.routes.addresses(linkIndex: loopback.index).map { ResultAddress($0.address, interface: 0) }
    return CNIResult(interfaces: [interface], addresses: addresses)
  }

  /// Switches `lo` off, if there still is a namespace.
  public func delete(_ request: PluginRequest) throws {
    guard let namespace = try request.networkNamespaceIfPresent() else { return }
    var container = try ContainerNamespace(namespace)
    let loopback = try container.loopback()
    try container.routes.perform(.change(.index(loopback.index)) { $0.isUp = false })
  }

  /// Throws unless `lo` is on.
  public func check(_ request: PluginRequest) throws {
    var container = try ContainerNamespace(request.networkNamespace())
    guard try container.loopback().isUp else { throw CNIError(.other, "loopback interface is down") }
  }
}

extension ContainerNamespace {
  fileprivate mutating func loopback() throws -> Link {
    guard let link = try routes.link(named: "lo") else { throw CNIError(.other, "the container has no loopback interface") }
    return link
  }
}
