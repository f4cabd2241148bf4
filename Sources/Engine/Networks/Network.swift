public import Addresses
public import CNI
internal import JSON

/// A network of the host: one list of plugins in the configuration folder, ours or somebody else's.
public struct Network: Sendable {
  /// What makes the containers' interfaces.
  public enum Driver: String, Sendable, CaseIterable {
    /// A bridge on this host.
    case bridge
    /// Several hosts' containers in one network.
    case overlay
    /// The link of the host itself, with a MAC address for each container.
    case macvlan
  }

  /// A range of addresses that containers get theirs from.
  public struct Pool: Equatable, Sendable {
    /// The subnet.
    public let subnet: Subnet
    /// The gateway; by custom the first address if the list names none.
    public let gateway: IPAddress?
    /// The part that addresses are taken from, if not all: a subnet, or the first and the last address.
    public let range: String?

    /// Whether a container may have an address: the gateway's own, the subnet's and the broadcast address are nobody's.
    func allows(_ address: IPAddress) -> Bool {
      guard subnet.contains(address), address != subnet.networkAddress, address != gateway else { return false }
      if subnet.family == .v4 && address == subnet.lastAddress { return false }
      let ends = range?.split(separator: "-").compactMap { IPAddress($0) } ?? []
      return ends.count != 2 || (ends[0] <= address && address <= ends[1])
    }
  }

  /// The name that people use; the list `containers` is called `bridge`.
  public let name: String
  /// 64 hexadecimal digits.
  public let id: String
  /// The driver's name; for a list of somebody else's its first plugin's type.
  public let driver: String
  /// The file.
  public let path: String
  /// The plugins.
  public let list: NetworkList
  /// Where addresses come from.
  public let pools: [Pool]
  /// Whether berth has made the list.
  public let isOwn: Bool
  /// Whether containers reach nothing but each other and the host.
  public let isInternal: Bool
  /// When it was made, RFC 3339; empty if the list does not say.
  public let created: String
  /// What it was made with, `NAME=value`.
  public let options: [String]
  /// `--label`, `NAME=value`.
  public let labels: [String]

  /// Whether it is the network of containers that name none: its members do not find each other by name.
  public var isDefault: Bool { list.name == NetworkStore.defaultListName }

  /// The bridge's name, if the first plugin is a bridge.
  public var bridge: String? {
    guard let plugin = list.plugins.first, plugin.type == "bridge" else { return nil }
    if case .string(let name)? = plugin.json["bridge"] { return name }
    return "cni0"
  }

  /// Whether containers of the network may not talk to each other but for links.
  public var isolatesContainers: Bool { list.plugins.contains { $0.json["ingressPolicy"] == "isolated" } }

  /// What a list in a file says.
  init(_ list: NetworkList, path: String) throws(CNIError) {
    self.list = list
    self.path = path
    name = list.name == NetworkStore.defaultListName ? NetworkStore.defaultName : list.name
    let own = try ConfigurationObject(list.json).object(Network.key)
    isOwn = own != nil
    id = try own?.string("id") ?? Network.id(ofName: list.name)
    driver = try own?.string("driver") ?? list.plugins[0].type
    isInternal = try own?.flag("internal") ?? false
    created = try own?.string("created") ?? ""
    options = try own?.strings("options") ?? []
    labels = try own?.strings("labels") ?? []
    pools = Network.pools(list.plugins[0].json)
  }

  /// The member of a list that says what it was made with; other runtimes pass over it.
  static var key: String { "berth" }

  /// The ID of a network whose list has none, or that has no list: it follows from the name.
  public static func id(ofName name: String) -> String {
    (0..<4).map { (salt: UInt8) in
      // FNV-1a with 64 bits.
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in Array(name.utf8) + [salt] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      let digits = String(hash, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// The ranges of an `ipam` section as host-local has them; others' sections say what they say.
  private static func pools(_ plugin: JSONObject) -> [Pool] {
    guard case .object(let ipam)? = plugin["ipam"] else { return [] }
    var ranges: [JSONObject] = ipam["subnet"] == nil ? [] : [ipam]
    if case .array(let sets)? = ipam["ranges"] {
      for case .array(let set) in sets { for case .object(let range) in set { ranges.append(range) } }
    }
    return ranges.compactMap { range in
      guard case .string(let text)? = range["subnet"], let subnet = Subnet(text) else { return nil }
      func string(_ key: String) -> String? { if case .string(let text)? = range[key] { text } else { nil } }
      let gateway = string("gateway").flatMap { IPAddress($0) } ?? subnet.networkAddress.advanced(by: 1)
      let part = string("rangeStart").map { "\($0)-\(string("rangeEnd") ?? subnet.lastAddress.description)" }
      return Pool(subnet: subnet.network, gateway: gateway, range: part)
    }
  }
}
