internal import Addresses
internal import HostRules
internal import IPAM
internal import Inspection
internal import Linux
internal import Netlink
internal import Routing

extension HostAudit {
  /// Whether any container on the host's side of a wire has an address of that family.
  private func hasContainers(_ family: IPAddress.Family) -> Bool {
    host.namespaces.enumerated().dropFirst().contains { place, namespace in
      namespace.interfaces.contains { link in
        host.peer(of: link, in: place)?.namespace == 0 && namespace.addresses(of: link).contains { $0.address.family == family }
      }
    }
  }

  mutating func checkForwarding() {
    for (family, name, path) in [(IPAddress.Family.v4, "IPv4", "ipv4/ip_forward"), (.v6, "IPv6", "ipv6/conf/all/forwarding")] {
      guard setting(path) == "0", hasContainers(family) else { continue }
      find(
        "forwarding", "\(name) forwarding is off: containers reach nothing but this host, and published ports nobody from outside",
        fix: "sysctl -w net.\(path.replacing("/", with: "."))=1, and the same line in /etc/sysctl.d/90-containers.conf")
    }
  }

  /// With strict filtering the kernel drops what comes in by another link than the answer would leave by.
  mutating func checkReversePath() {
    let all = setting("ipv4/conf/all/rp_filter").flatMap { Int($0) } ?? 0
    var filters: [String: Int] = [:]
    guard var routes = try? RouteSocket() else { return }
    for (place, namespace) in host.namespaces.enumerated().dropFirst() {
      for link in namespace.interfaces {
        guard let peer = host.peer(of: link, in: place), peer.namespace == 0 else { continue }
        let door = host.master(of: peer.link, in: 0) ?? peer.link
        let own = filters[door.name] ?? setting("ipv4/conf/\(door.name)/rp_filter").flatMap { Int($0) } ?? 0
        filters[door.name] = own
        guard max(all, own) == 1 else { continue }
        for address in namespace.addresses(of: link).map(\.address.address) where address.family == .v4 {
          let back = (try? routes.route(to: address))?.flatMap { $0.linkIndex }
          if back == door.index { continue }
          let way = back.flatMap { host.link($0, in: 0)?.name }.map { "by \($0)" } ?? "nowhere"
          find(
            "rp_filter",
            "rp_filter is strict on \(door.name), where \(address) of \(namespace.title) comes in, but the route back to it leads \(way): the kernel "
              + "drops what it sends",
            fix: "sysctl -w net.ipv4.conf.\(door.name).rp_filter=2, or a route: ip route add \(address) dev \(door.name)")
        }
      }
    }
  }

  /// With br_netfilter, frames between containers of one bridge pass the forward hook.
  mutating func checkBridgeFilter() {
    for (name, families) in [("bridge-nf-call-iptables", ["ip", "inet"]), ("bridge-nf-call-ip6tables", ["ip6", "inet"])] {
      guard setting("bridge/\(name)") == "1", let obstacle = host.forwardObstacles.first(where: { families.contains($0.family) }),
        host.host.links.contains(where: { $0.kind == "bridge" })
      else { continue }
      find(
        "bridge-nf-call", "\(name) is 1, and \(obstacle): containers on the same bridge cannot talk to each other either",
        fix: "sysctl -w net.bridge.\(name)=0, unless rules are meant to filter inside bridges")
    }
  }

  mutating func checkConntrack() {
    guard let count = setting("netfilter/nf_conntrack_count").flatMap({ Int($0) }),
      let limit = setting("netfilter/nf_conntrack_max").flatMap({ Int($0) }), limit > 0, count * 10 >= limit * 9
    else { return }
    find(
      "conntrack", "the table of tracked connections is nearly full: \(count) of \(limit); when it is, new connections are dropped",
      fix: "sysctl -w net.netfilter.nf_conntrack_max=\(limit * 2), and netctl conn to see who has so many")
  }

  /// Addresses that containers get must not belong to somebody else already.
  mutating func checkPools(_ networks: [LeasedNetwork]) {
    for (position, network) in networks.enumerated() {
      for other in networks[..<position] where other.folder != network.folder {
        guard let range = network.pools.map(\.pool).first(where: { pool in other.pools.contains { $0.pool.range.overlaps(pool.range) } })
        else {
          continue
        }
        find(
          "pools", "networks \(other.name) and \(network.name) both hand out addresses of \(range): two containers may get the same one",
          fix: "give network \(network.name) another subnet, and make its containers again")
      }
    }
    guard var socket = try? RouteSocket() else { return }
    let routes = ((try? socket.routes(.v4)) ?? []) + ((try? socket.routes(.v6)) ?? [])
    for network in networks {
      for subnet in Set(network.pools.map(\.pool.subnet)).sorted(by: { $0.description < $1.description }) {
        let own = Set(host.host.addresses.filter { subnet.contains($0.address.address) }.map(\.linkIndex))
        for route in routes where route.type == 1 && route.destination.prefixLength > 0 && route.destination.overlaps(subnet) {
          guard let index = route.linkIndex, let link = host.link(index, in: 0) else { continue }
          // The network's own bridge, and the ways to single containers of it.
          if own.contains(index) && link.kind == "bridge" || link.kind == "veth" && route.destination.prefixLength == subnet.family.bitCount
          {
            continue
          }
          if route.destination.networkAddress.isLinkLocal { continue }
          find(
            "pools", "network \(network.name) hands out addresses of \(subnet), but \(route.destination) is routed by \(link.name)",
            fix: "give network \(network.name) another subnet, and make its containers again")
        }
      }
    }
  }
}
