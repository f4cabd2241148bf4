// swift-tools-version: 6.2
import PackageDescription

/// `FUZZ=1` adds the fuzzer, and lets everything it calls report which code it has reached.
let isFuzzing = Context.environment["FUZZ"] == "1"
let coverage: [SwiftSetting] = isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : []

/// `STATIC=1` links the programs without the dynamic loader; `make build` sets it, and gives the C libraries as archives.
let staticLinking: [LinkerSetting] =
  Context.environment["STATIC"] == "1"
  ? [.unsafeFlags(["-static-executable", "-Xlinker", "--wrap=swift_copyAuxiliaryExecutablePath"])] : []

/// Generic types are found by their addresses, not by their names; see docs/decisions/0005-static.md.
let direct: [SwiftSetting] = [.unsafeFlags(["-Xfrontend", "-disable-concrete-type-metadata-mangled-name-accessors"])]

/// What every Swift target of ours is compiled with, tests included.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// For everything a plugin links: unsafe code says so, and without the concurrency and regular expression runtimes a process starts 10 % faster.
let lean: [SwiftSetting] =
  strict + [
    .strictMemorySafety(),
    .unsafeFlags([
      "-Xfrontend", "-disable-implicit-concurrency-module-import",
      "-Xfrontend", "-disable-implicit-string-processing-module-import",
    ]),
  ] + direct + coverage

func library(_ name: String, uses: [Target.Dependency] = [], path: String? = nil) -> Target {
  .target(name: name, dependencies: uses, path: path, swiftSettings: lean)
}

/// A library of berth: it may use what plugins must not load.
func berthLibrary(_ name: String, uses: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: uses, swiftSettings: strict + direct)
}

func plugin(_ name: String, in folder: String, uses: [Target.Dependency]) -> Target {
  library(name, uses: ["CNI"] + uses, path: "plugins/\(folder)")
}

func tests(_ name: String, uses: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: uses, swiftSettings: strict)
}

let package = Package(
  name: "swift-cni",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    // etcd speaks gRPC; only overlayd links these. Without its traits swift-protobuf needs a part of Foundation only.
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", exact: "1.39.0", traits: []),
    .package(url: "https://github.com/grpc/grpc-swift-2", exact: "2.4.3"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", exact: "2.9.2"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", exact: "2.4.1"),
  ],
  targets: [
    // C: what Swift cannot say, and the C libraries we build on.
    .target(name: "CLinux"),
    .target(name: "CContainer"),
    .target(name: "CImages"),
    .systemLibrary(name: "CSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
    .systemLibrary(name: "CMnl", pkgConfig: "libmnl", providers: [.apt(["libmnl-dev"])]),
    .systemLibrary(name: "CNftnl", pkgConfig: "libnftnl", providers: [.apt(["libnftnl-dev"])]),
    .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),

    // Base: numbers, files, JSON.
    library("Addresses"),
    library("Linux", uses: ["CLinux"]),
    library("JSON", uses: ["CJansson"]),

    // Kernel: one library per netlink family.
    library("Netlink", uses: ["Linux", "CLinux", "CMnl"]),
    library("Routing", uses: ["Netlink", "Linux", "CLinux", "Addresses"]),
    library("NFTables", uses: ["Netlink", "Linux", "CLinux", "CNftnl", "Addresses"]),
    library("Conntrack", uses: ["Netlink", "Linux", "CLinux", "Addresses"]),
    library("WireGuard", uses: ["Netlink", "Linux", "CLinux", "Addresses"]),
    library("Sockets", uses: ["Netlink", "Linux", "CLinux", "Addresses"]),

    // Domain: what containers and runtimes speak of.
    library("CNI", uses: ["Linux", "JSON", "Addresses"]),
    library("IPAM", uses: ["Linux", "Addresses"]),
    library("HostRules", uses: ["NFTables", "Netlink", "Linux", "Addresses"]),
    library("InterfaceSetup", uses: ["CNI", "HostRules", "Routing", "Netlink", "Linux", "JSON", "Addresses"]),

    // Overlay: what overlayd tells the plugin, netctl and berth.
    library("Overlay", uses: ["CNI", "Linux", "JSON", "Addresses"]),

    // Plugins: one library each, and the one executable that holds them all.
    plugin("LoopbackPlugin", in: "loopback", uses: ["InterfaceSetup", "Routing", "Netlink", "Linux", "Addresses"]),
    plugin("HostLocalPlugin", in: "host-local", uses: ["IPAM", "Linux", "JSON", "Addresses"]),
    plugin(
      "BridgePlugin", in: "bridge", uses: ["InterfaceSetup", "HostRules", "Conntrack", "Routing", "Netlink", "Linux", "JSON", "Addresses"]),
    plugin(
      "PortmapPlugin", in: "portmap",
      uses: ["InterfaceSetup", "HostRules", "Routing", "Conntrack", "Sockets", "Netlink", "Linux", "JSON", "Addresses"]),
    plugin(
      "FirewallPlugin", in: "firewall", uses: ["InterfaceSetup", "Routing", "HostRules", "Netlink", "Linux", "JSON", "Addresses"]),
    plugin("TuningPlugin", in: "tuning", uses: ["Routing", "Netlink", "Linux", "JSON", "Addresses"]),
    plugin("MacvlanPlugin", in: "macvlan", uses: ["InterfaceSetup", "Routing", "Netlink", "Linux", "JSON", "Addresses"]),
    plugin("OverlayPlugin", in: "overlay", uses: ["BridgePlugin", "Overlay", "Linux", "JSON", "Addresses"]),
    .executableTarget(
      name: "cni-plugins",
      dependencies: [
        "CNI", "LoopbackPlugin", "HostLocalPlugin", "BridgePlugin", "MacvlanPlugin", "OverlayPlugin", "PortmapPlugin", "FirewallPlugin",
        "TuningPlugin",
      ],
      swiftSettings: lean, linkerSettings: staticLinking),

    // What both programs for people need.
    berthLibrary("Wording"),

    // berth: what a runtime is made of.
    berthLibrary("Containers", uses: ["CContainer", "CSeccomp", "JSON", "Linux", "CLinux"]),
    berthLibrary("Cgroups", uses: ["Linux", "CLinux"]),
    berthLibrary("Images", uses: ["Linux", "CLinux", "CImages", "JSON", "CArchive", .product(name: "Crypto", package: "swift-crypto")]),
    berthLibrary(
      "Engine",
      uses: [
        "Wording", "Containers", "Cgroups", "CNI", "HostRules", "Routing", "Sockets", "Netlink", "Linux", "CLinux", "JSON", "Addresses",
      ]),
    .executableTarget(
      name: "berth",
      dependencies: [
        "Wording", "Engine", "Images", "Containers", "Cgroups", "CNI", "Linux", "CLinux", "JSON", "Addresses",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict + direct, linkerSettings: staticLinking),

    // netctl: what a person asks of a host's container networks.
    berthLibrary("Rulesets", uses: ["NFTables", "HostRules", "Netlink", "Linux", "CLinux", "Addresses"]),
    berthLibrary(
      "Inspection",
      uses: [
        "Rulesets", "CNI", "IPAM", "HostRules", "NFTables", "Conntrack", "Sockets", "WireGuard", "Routing", "Netlink", "Linux", "JSON",
        "Addresses",
      ]),
    berthLibrary(
      "Diagnosis",
      uses: [
        "Inspection", "Rulesets", "CNI", "HostRules", "NFTables", "Conntrack", "Sockets", "WireGuard", "Routing", "Netlink", "Linux",
        "CLinux", "JSON",
        "Addresses",
      ]),
    berthLibrary(
      "Reconciliation",
      uses: [
        "Inspection", "Rulesets", "CNI", "IPAM", "InterfaceSetup", "HostRules", "NFTables", "Conntrack", "Routing", "Netlink", "Linux",
        "CLinux", "JSON", "Addresses", "BridgePlugin", "FirewallPlugin", "HostLocalPlugin", "PortmapPlugin", "TuningPlugin",
      ]),
    .executableTarget(
      name: "netctl",
      dependencies: [
        "Wording", "Diagnosis", "Reconciliation", "Inspection", "Rulesets", "Overlay", "OverlayDataPlane", "WireGuard", "CNI", "IPAM",
        "HostRules",
        "NFTables", "Conntrack", "Sockets", "Routing", "Netlink", "Linux", "CLinux", "JSON", "Addresses", "BridgePlugin", "FirewallPlugin",
        "HostLocalPlugin", "LoopbackPlugin", "OverlayPlugin", "PortmapPlugin", "TuningPlugin",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict, linkerSettings: staticLinking),

    // Turns what a program says of its commands into manual pages; only `make install` runs it.
    .executableTarget(name: "manual", dependencies: ["JSON", "Linux"], swiftSettings: strict, linkerSettings: staticLinking),

    // overlayd: containers on many hosts in one network.
    berthLibrary("OverlayControl", uses: ["Overlay", "CNI", "Linux", "CLinux", "JSON", "Addresses"]),
    .target(
      name: "Etcd",
      dependencies: [
        "OverlayControl", "Overlay", "CNI", "JSON", "Linux", "Addresses",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport"),
        .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
      ],
      exclude: ["Protocol/README.md", "Protocol/generate", "Protocol/rpc.proto"], swiftSettings: strict + direct),
    berthLibrary(
      "OverlayDataPlane", uses: ["Overlay", "OverlayControl", "WireGuard", "Routing", "Netlink", "Linux", "CLinux", "Addresses"]),
    .executableTarget(
      name: "overlayd",
      dependencies: [
        "Wording", "Etcd", "OverlayDataPlane", "OverlayControl", "Overlay", "CNI", "WireGuard", "Routing", "Netlink", "Linux", "CLinux",
        "JSON", "Addresses",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      swiftSettings: strict + direct),

    // Tests: one folder per module.
    .target(name: "TestSupport", dependencies: ["Linux", "CLinux", "JSON", "Addresses"], path: "Tests/TestSupport", swiftSettings: strict),
    .executableTarget(
      name: "fault-sweep", dependencies: ["TestSupport", "Linux", "JSON"], path: "Benchmarks/fault-sweep", swiftSettings: strict),
    tests("AddressesTests", uses: ["Addresses"]),
    tests("JSONTests", uses: ["JSON"]),
    tests("LinuxTests", uses: ["Linux", "TestSupport"]),
    tests("NetlinkTests", uses: ["Netlink", "Linux", "CLinux", "TestSupport"]),
    tests("RoutingTests", uses: ["Routing", "Netlink", "Linux", "Addresses", "TestSupport"]),
    tests("NFTablesTests", uses: ["NFTables", "Netlink", "Linux", "Addresses", "TestSupport"]),
    tests("ConntrackTests", uses: ["Conntrack", "Netlink", "Linux", "Addresses", "TestSupport"]),
    tests("WireGuardTests", uses: ["WireGuard", "Routing", "Netlink", "Linux", "CLinux", "Addresses", "TestSupport"]),
    tests("SocketsTests", uses: ["Sockets", "Netlink", "Linux", "Addresses", "TestSupport"]),
    tests("CNITests", uses: ["CNI", "JSON", "Linux", "Addresses", "TestSupport"]),
    tests("IPAMTests", uses: ["IPAM", "Linux", "Addresses", "TestSupport"]),
    tests("HostLocalPluginTests", uses: ["cni-plugins", "HostLocalPlugin", "CNI", "JSON", "Linux", "Addresses", "TestSupport"]),
    tests("HostRulesTests", uses: ["HostRules", "NFTables", "Netlink", "Linux", "Addresses", "TestSupport"]),
    tests("RulesetsTests", uses: ["Rulesets", "HostRules", "NFTables", "Netlink", "Linux", "Addresses", "TestSupport"]),
    tests("ImagesTests", uses: ["Images", "JSON", "Linux", "TestSupport"]),
    tests("CgroupsTests", uses: ["Cgroups", "Linux", "TestSupport"]),
    tests("EtcdTests", uses: ["Etcd", "OverlayControl", "Overlay", "JSON", "Linux", "Addresses", "TestSupport"]),
    tests("EndToEndTests", uses: ["cni-plugins", "CNI", "JSON", "Linux", "Addresses", "TestSupport"]),
    tests("EngineTests", uses: ["Engine", "cni-plugins", "CNI", "JSON", "Linux", "Addresses", "TestSupport"]),
    tests("ContainersTests", uses: ["Containers", "Linux", "CLinux", "TestSupport"]),
    tests("NetctlTests", uses: ["netctl", "berth", "manual", "cni-plugins", "JSON", "Linux", "CLinux", "TestSupport"]),
    tests("OverlayTests", uses: ["OverlayDataPlane", "OverlayControl", "Overlay", "WireGuard", "CNI", "JSON", "Addresses"]),
    tests("DemoTests", uses: ["berth", "netctl", "overlayd", "cni-plugins", "Linux", "TestSupport"]),
    tests("OverlaydTests", uses: ["overlayd", "cni-plugins", "Overlay", "Routing", "JSON", "Linux", "Addresses", "TestSupport"]),
    tests("BerthTests", uses: ["berth", "cni-plugins", "Cgroups", "Engine", "JSON", "Linux", "TestSupport"]),
  ],
  swiftLanguageModes: [.v6]
)

if isFuzzing {
  package.targets.append(
    .executableTarget(
      name: "fuzz",
      dependencies: [
        "CNI", "JSON", "Addresses", "Netlink", "Routing", "Conntrack", "HostRules", "BridgePlugin", "FirewallPlugin", "HostLocalPlugin",
        "LoopbackPlugin", "MacvlanPlugin", "Overlay", "OverlayPlugin", "PortmapPlugin", "TuningPlugin", "WireGuard",
      ],
      path: "Tests/Fuzz", swiftSettings: strict + coverage,
      linkerSettings: [.unsafeFlags(["-use-ld=lld", "-sanitize=fuzzer"])]))
}
