internal import Addresses
internal import CLinux
internal import Linux
internal import NFTables
internal import Netlink
internal import Routing

extension HostAudit {
  /// Tries what container networks need in a network namespace that is gone afterwards. The host's is not touched.
  mutating func checkKernel() {
    do {
      let home = try NetworkNamespace.current()
      guard clinux_unshare(CLONE_NEWNET) == 0 else { return note("what the kernel can do was not tried: that takes CAP_SYS_ADMIN") }
      let missing = KernelProbe.run()
      try home.enter()
      for feature in missing where feature.isNeeded {
        find("kernel", "the kernel has no \(feature.name): \(feature.purpose)", fix: "modprobe \(feature.module), or a kernel that has it")
      }
      let optional = missing.filter { !$0.isNeeded }
      if !optional.isEmpty {
        note("the kernel has no \(optional.map(\.name).joined(separator: ", ")): only networks of those kinds need it")
      }
    } catch { note("what the kernel can do was not tried: \(error)") }
  }
}

/// What a kernel can do, by trying it in the namespace of the calling thread, which must be a fresh one.
enum KernelProbe {
  /// Something that a kernel may lack.
  struct Feature {
    let name: String
    let module: String
    let purpose: String
    let isNeeded: Bool
  }

  /// The features that failed.
  static func run() -> [Feature] {
    var missing: [Feature] = []
    func check(_ feature: Feature, _ attempt: () throws -> Void) { do { try attempt() } catch { missing.append(feature) } }
    check(Feature(name: "bridges", module: "bridge", purpose: "no network of kind bridge can be made", isNeeded: true)) {
      var socket = try RouteSocket()
      guard let address = MACAddress("02:00:00:00:00:01") else { return }
      try socket.perform(.createBridge("br0", macAddress: address, mtu: nil, filtersVLANs: false))
    }
    check(Feature(name: "veth pairs", module: "veth", purpose: "no container can be attached", isNeeded: true)) {
      var socket = try RouteSocket()
      try socket.perform(.create(VethPair(name: "v0", peerName: "v1")))
    }
    let table = Table(.inet, "probe")
    check(Feature(name: "nftables", module: "nf_tables", purpose: "nothing can be published or masqueraded", isNeeded: true)) {
      var rules = try Ruleset(), change = Transaction()
      change.add(table)
      try rules.commit(change)
    }
    check(Feature(name: "NAT in nftables", module: "nft_nat", purpose: "nothing can be published or masqueraded", isNeeded: true)) {
      let chain = Chain(table, "nat", .init(.nat, .postrouting, priority: 100))
      var rules = try Ruleset(), change = Transaction()
      change.add(table)
      change.add(chain)
      change.add(Rule(chain, [.masquerade]))
      try rules.commit(change)
    }
    check(Feature(name: "fib expression in nftables", module: "nft_fib_inet", purpose: "no port can be published", isNeeded: true)) {
      let chain = Chain(table, "fib", .init(.nat, .prerouting, priority: -100))
      var rules = try Ruleset(), change = Transaction()
      change.add(table)
      change.add(chain)
      change.add(Rule(chain, [.match(.destinationType, .equal, .mark(2)), .counter]))
      try rules.commit(change)
    }
    for (kind, name) in [
      ("vlan", "VLAN devices"), ("vxlan", "VXLAN devices"), ("macvlan", "macvlan"), ("ipvlan", "ipvlan"), ("wireguard", "WireGuard"),
    ] {
      check(Feature(name: name, module: kind, purpose: "", isNeeded: false)) {
        if !LinkProbe.knows(kind) { throw SystemError(.notSupported, "create a link of kind \(kind)") }
      }
    }
    return missing
  }
}

/// Asks the kernel for a link of a kind without saying enough for one: who knows the kind complains of something else.
enum LinkProbe {
  static func knows(_ kind: String) -> Bool {
    do {
      var socket = try NetlinkSocket(.route)
      var message = NetlinkMessage(RTM_NEWLINK, [.create, .exclusive], operation: "create a link of kind \(kind)")
      message.append(ifinfomsg(ifi_family: 0, __ifi_pad: 0, ifi_type: 0, ifi_index: 0, ifi_flags: 0, ifi_change: 0))
      message.attribute(IFLA_IFNAME, "probe0")
      message.nest(IFLA_LINKINFO) { $0.attribute(IFLA_INFO_KIND, kind) }
      try socket.perform(message)
      return true
    } catch { return error.code != .notSupported }
  }
}
