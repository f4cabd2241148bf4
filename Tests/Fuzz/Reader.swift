import Addresses
import BridgePlugin
import CNI
import JSON
import LoopbackPlugin
import Netlink
import Routing

/// The readers of foreign input that are fuzzed.
enum Reader {
  nonisolated(unsafe) static let all: [([UInt8]) -> Void] = [
    json, addresses, result, list, attachment, netlinkReply,
    configuration(BridgePlugin.self), configuration(LoopbackPlugin.self),
  ]

  /// What can be parsed can be written, and parsed again to the same value.
  private static func json(_ input: [UInt8]) {
    guard let value = try? JSONValue(parsing: input) else { return }
    precondition((try? JSONValue(parsing: Array(value.text.utf8))) == value, "JSON changed on its way out and in")
  }

  /// The same for addresses.
  private static func addresses(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    if let address = IPAddress(text) { precondition(IPAddress(address.description) == address) }
    if let subnet = Subnet(text) { precondition(Subnet(subnet.description) == subnet && subnet.contains(subnet.lastAddress)) }
    if let mac = MACAddress(text) { precondition(MACAddress(mac.description) == mac) }
  }

  /// A result in any version; what it says can be said again in the same version.
  private static func result(_ input: [UInt8]) {
    guard case .object(let object)? = try? JSONValue(parsing: input) else { return }
    for version in CNIVersion.allCases {
      guard let result = try? CNIResult(ConfigurationObject(object), version: version) else { continue }
      _ = try? result.json(version: version)
    }
  }

  private static func list(_ input: [UInt8]) {
    guard case .object(let object)? = try? JSONValue(parsing: input) else { return }
    _ = try? NetworkList(object)
    _ = try? NetworkList(raising: object)
  }

  private static func attachment(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    if let attachment = Attachment(text) { precondition(attachment.description == text) }
  }

  private static func netlinkReply(_ input: [UInt8]) {
    let payload = input.span.bytes
    _ = Link(payload: payload)
    _ = InterfaceAddress(payload: payload)
    _ = Route(payload: payload)
    payload.forEachAttribute { _, content in _ = content.text }
  }

  /// Decodes a plugin's configuration for every command, without carrying anything out.
  private static func configuration(_ plugin: any Plugin.Type) -> ([UInt8]) -> Void {
    let environment = Environment([
      "CNI_CONTAINERID=c1", "CNI_NETNS=/missing", "CNI_IFNAME=eth0", "CNI_PATH=/missing", "CNI_ARGS=IgnoreUnknown=1;MAC=02:00:00:00:00:01",
    ])
    return { input in
      for command in [PluginCommand.add, .delete, .collectGarbage] {
        guard
          let request = try? PluginRequest(
            command, environment: environment, input: input, supported: plugin.supportedVersions, plugins: [])
        else { continue }
        _ = try? plugin.init(request)
        _ = try? request.configuration.previousResult()
      }
    }
  }
}
