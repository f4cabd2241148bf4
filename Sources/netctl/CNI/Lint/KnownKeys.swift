/// The keys that the specification and the plugins know. Others are no error to a runtime, but most likely mistyped.
enum KnownKeys {
  /// Of a network list.
  static let list = ["cniVersion", "cniVersions", "name", "disableCheck", "disableGC", "loadOnlyInlinedPlugins", "plugins"]

  /// Of a plugin, by its type; nil for a plugin that we do not know.
  static func plugin(_ type: String) -> [String]? { plugins[type].map { common + $0 } }

  /// Of a plugin's `ipam` section, by its type.
  static func ipam(_ type: String) -> [String]? { addressManagers[type].map { ["type"] + $0 } }

  /// What a runtime may be asked to pass.
  static let capabilities = [
    "portMappings", "ips", "mac", "ipRanges", "dns", "bandwidth", "aliases", "deviceID", "infinibandGUID", "cgroupPath", "links",
  ]

  private static let common = [
    "type", "name", "cniVersion", "capabilities", "args", "dns", "ipam", "prevResult", "runtimeConfig", "ipMasq", "ipMasqBackend",
  ]

  private static let plugins: [String: [String]] = [
    "bridge": [
      "bridge", "isGateway", "isDefaultGateway", "forceAddress", "mtu", "hairpinMode", "promiscMode", "vlan", "vlanTrunk",
      "preserveDefaultVlan", "macspoofchk", "enabledad", "disableContainerInterface", "portIsolation",
    ],
    "overlay": [
      "network", "stateFolder", "subnetFile", "delegate", "datapath", "vni", "port", "mtu", "bridge", "isGateway", "isDefaultGateway",
      "hairpinMode", "macspoofchk", "enabledad", "portIsolation",
    ],
    "portmap": [
      "snat", "masqAll", "markMasqBit", "externalSetMarkChain", "conditionsV4", "conditionsV6", "backend", "onConflict",
    ],
    "firewall": ["backend", "ingressPolicy", "iptablesAdminChainName", "firewalldZone"],
    "tuning": ["sysctl", "mac", "mtu", "promisc", "allmulti", "txQLen", "dataDir"],
    "macvlan": ["master", "mode", "mtu", "mac", "linkInContainer", "bcqueuelen", "enabledad"],
    "loopback": [],
    "host-local": [],
  ]

  private static let addressManagers: [String: [String]] = [
    "host-local": [
      "subnet", "rangeStart", "rangeEnd", "gateway", "ranges", "routes", "resolvConf", "dataDir", "keepLeasesAcrossReboots",
    ],
    "static": ["addresses", "routes", "dns"],
    "dhcp": ["daemonSocketPath", "request", "provide"],
  ]
}
