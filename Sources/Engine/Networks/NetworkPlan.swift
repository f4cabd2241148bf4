internal import Addresses
internal import CNI
internal import JSON
internal import Linux
internal import Netlink
internal import Routing
internal import Wording

/// The list of plugins for a network that is to be made.
struct NetworkPlan {
  /// The list.
  let list: JSONObject
  /// The types of its plugins.
  let pluginTypes: [String]

  /// Works out the list for some options; `present` are the networks that there are.
  init(_ options: NetworkOptions, id: String, _ present: [Network]) throws {
    try NetworkPlan.validate(options)
    // The daemon that leases this host's part of an overlay chooses its addresses.
    let ipam: JSONValue =
      options.driver == .overlay
      ? ["type": "host-local"] : try AddressPoolPlan(options, present).json(withDefaultRoute: !options.isInternal)
    var plugins: [JSONValue]
    switch options.driver {
    case .bridge: plugins = try NetworkPlan.bridgePlugins(options, id: id, ipam, present)
    case .macvlan: plugins = [try NetworkPlan.macvlanPlugin(options, ipam)]
    case .overlay:
      plugins = try NetworkPlan.overlayPlugins(options, ipam)
    }
    pluginTypes = (plugins + [ipam]).compactMap { plugin in
      if case .object(let object) = plugin, case .string(let type)? = object["type"] { type } else { nil }
    }
    var own = JSONObject([
      ("id", .string(id)), ("driver", .string(options.driver.rawValue)), ("created", .string(Timestamp.now().description)),
    ])
    if options.isInternal { own["internal"] = true }
    if !options.options.isEmpty { own["options"] = .array(options.options.map { .string($0) }) }
    if !options.labels.isEmpty { own["labels"] = .array(options.labels.map { .string($0) }) }
    list = JSONObject([
      ("cniVersion", .string(CNIVersion.current.description)), ("name", .string(options.name)), (Network.key, .object(own)),
      ("plugins", .array(plugins)),
    ])
  }

  /// The list of the default network, as `conf/10-containers.conflist` has it.
  static var defaultList: JSONObject {
    let bridge: JSONValue = [
      "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
      "ipam": [
        "type": "host-local", "ranges": [[["subnet": "10.88.0.0/16"]], [["subnet": "fd00:88::/64"]]],
        "routes": [["dst": "0.0.0.0/0"], ["dst": "::/0"]],
      ],
      "capabilities": ["ips": true, "mac": true],
    ]
    return JSONObject([
      ("cniVersion", .string(CNIVersion.current.description)), ("name", .string(NetworkStore.defaultListName)),
      (
        "plugins",
        .array([
          bridge, ["type": "portmap", "capabilities": ["portMappings": true]],
          ["type": "firewall", "ingressPolicy": "same-bridge", "capabilities": ["links": true]],
        ])
      ),
    ])
  }

  private static func bridgePlugins(
    _ options: NetworkOptions, id: String, _ ipam: JSONValue, _ present: [Network]
  ) throws -> [JSONValue] {
    let name = options.option("bridge", "com.docker.network.bridge.name") ?? "br-\(id.prefix(12))"
    guard InterfaceName.isValid(name) else {
      throw EngineError("option bridge: expected an interface name (1 to 15 bytes, no / : or white space), got \"\(name)\"")
    }
    if let other = present.first(where: { $0.bridge == name }) {
      throw EngineError("option bridge: network \(other.name) has the bridge \(name) already")
    }
    var routes = try RouteSocket()
    if let link = try routes.link(named: name), link.bridge == nil {
      throw EngineError("option bridge: this host has a link named \(name) that is no bridge")
    }
    let allowsTraffic = try flag(options, "icc", "com.docker.network.bridge.enable_icc") ?? true
    let masquerades = try flag(options, "masquerade", "com.docker.network.bridge.enable_ip_masquerade") ?? true
    var bridge = JSONObject([("type", "bridge"), ("bridge", .string(name)), ("isGateway", true), ("hairpinMode", true)])
    if !options.isInternal && masquerades { bridge["ipMasq"] = true }
    bridge["mtu"] = try mtu(options)
    // From the first moment on, and not only when the firewall plugin comes.
    if !allowsTraffic { bridge["portIsolation"] = true }
    bridge["ipam"] = ipam
    bridge["capabilities"] = ["ips": true, "mac": true]
    var plugins: [JSONValue] = [.object(bridge)]
    if !options.isInternal { plugins.append(["type": "portmap", "capabilities": ["portMappings": true]]) }
    plugins.append(
      ["type": "firewall", "ingressPolicy": allowsTraffic ? "same-bridge" : "isolated", "capabilities": ["links": true]])
    return plugins
  }

  private static func overlayPlugins(_ options: NetworkOptions, _ ipam: JSONValue) throws -> [JSONValue] {
    let addresses: [(String, Bool)] = [
      ("--subnet", !options.subnets.isEmpty), ("--gateway", !options.gateways.isEmpty), ("--ip-range", !options.ranges.isEmpty),
      ("--ipv6", options.hasIPv6),
    ]
    if let (option, _) = addresses.first(where: { $0.1 }) {
      throw EngineError("\(option): driver overlay has the addresses that overlayd leases for this host")
    }
    var plugin = JSONObject([("type", "overlay")])
    if let network = options.option("network") { plugin["network"] = .string(network) }
    plugin["mtu"] = try mtu(options)
    if options.isInternal { for key in ["isDefaultGateway", "ipMasq"] { plugin[key] = false } }
    plugin["ipam"] = ipam
    plugin["capabilities"] = ["ips": true, "mac": true]
    return [.object(plugin)] + (options.isInternal ? [] : [["type": "portmap", "capabilities": ["portMappings": true]]])
  }

  private static func macvlanPlugin(_ options: NetworkOptions, _ ipam: JSONValue) throws -> JSONValue {
    var plugin = JSONObject([("type", "macvlan")])
    var routes = try RouteSocket()
    if let parent = options.option("parent") {
      guard try routes.link(named: parent) != nil else { throw EngineError("option parent: no link named \"\(parent)\" on this host") }
      plugin["master"] = .string(parent)
    }
    let mode = options.option("mode", "macvlan_mode") ?? "bridge"
    guard ["bridge", "private", "vepa", "passthru"].contains(mode) else {
      throw EngineError("option mode: expected bridge, private, vepa or passthru, got \"\(mode)\"")
    }
    plugin["mode"] = .string(mode)
    plugin["mtu"] = try mtu(options)
    plugin["ipam"] = ipam
    plugin["capabilities"] = ["ips": true, "mac": true]
    return .object(plugin)
  }

  private static let known: [Network.Driver: [String]] = [
    .bridge: [
      "mtu", "icc", "bridge", "masquerade", "com.docker.network.driver.mtu", "com.docker.network.bridge.name",
      "com.docker.network.bridge.enable_icc", "com.docker.network.bridge.enable_ip_masquerade",
    ],
    .macvlan: ["mtu", "parent", "mode", "macvlan_mode", "com.docker.network.driver.mtu"],
    .overlay: ["mtu", "network", "com.docker.network.driver.mtu"],
  ]

  private static func validate(_ options: NetworkOptions) throws {
    for label in options.labels where label.isEmpty || label.hasPrefix("=") {
      throw EngineError("invalid argument \"\(label)\" for --label: expected NAME or NAME=VALUE")
    }
    let known = known[options.driver] ?? []
    for option in options.options {
      let name = String(option.prefix { $0 != "=" })
      guard known.contains(name), option.contains("=") else {
        throw EngineError(
          "option \"\(option)\": driver \(options.driver.rawValue) knows "
            + "\(known.filter { !$0.contains(".") }.map { "\($0)=…" }.joined(separator: ", "))\(NearMatches.sentence(for: name, among: known))"
        )
      }
    }
  }

  private static func mtu(_ options: NetworkOptions) throws -> JSONValue? {
    guard let text = options.option("mtu", "com.docker.network.driver.mtu") else { return nil }
    guard let mtu = Int64(text), (68...65535).contains(mtu) else {
      throw EngineError("option mtu: expected 68 to 65535, got \"\(text)\"")
    }
    return .integer(mtu)
  }

  private static func flag(_ options: NetworkOptions, _ names: String...) throws -> Bool? {
    guard let text = names.lazy.compactMap({ options.option($0) }).first else { return nil }
    switch text.lowercased() {
    case "true", "1", "yes": return true
    case "false", "0", "no": return false
    default: throw EngineError("option \(names[0]): expected true or false, got \"\(text)\"")
    }
  }
}
