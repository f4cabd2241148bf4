import Addresses
import BridgePlugin
import CNI
import Conntrack
import FirewallPlugin
import HostLocalPlugin
import HostRules
import JSON
import LoopbackPlugin
import MacvlanPlugin
import Netlink
import Overlay
import OverlayPlugin
import PortmapPlugin
import Routing
import TuningPlugin
import WireGuard

/// The readers of foreign input that are fuzzed, by the letter with which an input chooses one. The seeds begin with these letters.
enum Reader {
  nonisolated(unsafe) static let all: [(letter: Character, read: ([UInt8]) -> Void)] = [
    ("j", json), ("a", addresses), ("r", result), ("l", list), ("o", owners), ("n", netlinkReply),
    ("B", configuration(BridgePlugin.self)), ("F", configuration(FirewallPlugin.self)), ("H", configuration(HostLocalPlugin.self)),
    ("L", configuration(LoopbackPlugin.self)), ("M", configuration(MacvlanPlugin.self)), ("O", configuration(OverlayPlugin.self)),
    ("e", overlay),
    ("P", configuration(PortmapPlugin.self)), ("T", configuration(TuningPlugin.self)),
  ]

  /// Hands the input, without its first byte, to the reader that the byte chooses.
  static func read(_ input: [UInt8]) {
    guard let first = input.first else { return }
    let letter = Character(UnicodeScalar(first))
    let reader = all.first { $0.letter == letter } ?? all[Int(first) % all.count]
    reader.read(Array(input.dropFirst()))
  }

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

  /// A result in any version; what it says is said again in the same version.
  private static func result(_ input: [UInt8]) {
    guard case .object(let object)? = try? JSONValue(parsing: input) else { return }
    for version in CNIVersion.allCases {
      guard let result = try? CNIResult(ConfigurationObject(object), version: version) else { continue }
      _ = try? result.json(version: version)
    }
  }

  /// What other hosts of an overlay write, and flannel's file; what can be read is written and read again to the same.
  private static func overlay(_ input: [UInt8]) {
    _ = try? OverlayNetworkConfiguration(parsing: input)
    if let lease = try? Lease(parsing: input) { precondition((try? Lease(ConfigurationObject(lease.json))) == lease) }
    guard let environment = try? SubnetEnvironment(parsing: String(decoding: input, as: UTF8.self)) else { return }
    precondition((try? SubnetEnvironment(parsing: environment.text)) == environment)
  }

  private static func list(_ input: [UInt8]) {
    guard case .object(let object)? = try? JSONValue(parsing: input) else { return }
    _ = try? NetworkList(object)
    _ = try? NetworkList(raising: object)
  }

  /// The texts by which kernel objects say whose they are.
  private static func owners(_ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    if let attachment = Attachment(text) { precondition(attachment.description == text) }
    if let owner = Owner(label: text) { precondition(Owner(label: owner.label) != nil) }
  }

  private static func netlinkReply(_ input: [UInt8]) {
    let payload = input.span.bytes
    _ = Link(payload: payload)
    _ = InterfaceAddress(payload: payload)
    _ = Route(payload: payload)
    _ = Connection(payload)
    // An event of conntrack: subsystem 1.
    _ = ConnectionEvent(type: 1 << 8, flags: 0, payload: payload)
    _ = WireGuardState(payload: payload)
    payload.forEachAttribute { _, content in _ = content.text }
  }

  /// Decodes a plugin's configuration for every command, without carrying anything out.
  private static func configuration(_ plugin: any Plugin.Type) -> ([UInt8]) -> Void {
    let environment = Environment([
      "CNI_CONTAINERID=c1", "CNI_NETNS=/missing", "CNI_IFNAME=eth0", "CNI_PATH=/missing",
      "CNI_ARGS=IgnoreUnknown=1;MAC=02:00:00:00:00:01;IP=10.0.0.5",
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
