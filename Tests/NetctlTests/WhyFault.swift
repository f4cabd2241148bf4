import Glibc
import Linux
import TestSupport
import Testing

/// A fault, what is asked, what `why` must name, and how one sees without netctl that it has gone.
struct WhyFault: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let kind: String
  var ports = ["8080:80", "5353:53/udp"]
  var ingress = "open"
  var serves = true
  var question = "lan 192.0.2.1:8080"
  var asker: String?
  var address = "TCP:192.0.2.1:8080"
  /// Whether the printed fix is carried out, and must be enough.
  var hasFix = true
  let make: @Sendable (WhyWorld) throws -> Void

  static let all = publishing + serving + firewalls + routing + wires + ipv6

  private static func run(_ lines: String...) -> @Sendable (WhyWorld) throws -> Void {
    { _ in for line in lines { try Command.run(line) } }
  }

  private static let publishing: [WhyFault] = [
    WhyFault(
      testDescription: "a port that is not published", kind: "not-published", ports: [], question: "lan web:80", address: "TCP:192.0.2.1:80"
    ) { _ in },
    WhyFault(testDescription: "a port that is published on localhost only", kind: "published-elsewhere", ports: ["127.0.0.1:8080:80"]) {
      _ in
    },
    WhyFault(testDescription: "a port that is published on another address", kind: "published-elsewhere", ports: ["198.51.100.1:8080:80"]) {
      _ in
    },
    WhyFault(testDescription: "a port that a process of the host holds", kind: "port-held") { world in
      for family in ["", "6"] { try Command.run("nft delete element inet swift_cni published\(family) { tcp . 8080 }") }
      try world.serve("", "TCP-LISTEN:8080", "true")
    },
  ]

  private static let serving: [WhyFault] = [
    WhyFault(testDescription: "a server that is bound to 127.0.0.1", kind: "bound-elsewhere", serves: false) { world in
      try world.serve("web", "TCP-LISTEN:80,bind=127.0.0.1")
    },
    WhyFault(testDescription: "a server that does not run", kind: "nothing-listens", serves: false, hasFix: false) { _ in },
    WhyFault(testDescription: "a server that listens on another port", kind: "nothing-listens", serves: false) { world in
      try world.serve("web", "TCP-LISTEN:8000")
    },
    WhyFault(testDescription: "a server that is stopped", kind: "paused") { world in kill(world.servers[0], SIGSTOP) },
    WhyFault(
      testDescription: "an old exchange that connection tracking remembers", kind: "stale-connection", question: "lan 192.0.2.1:5353/udp",
      address: "UDP:192.0.2.1:5353,sourceport=5555",
      make: run(
        "conntrack -I -p udp -s 192.0.2.2 -d 192.0.2.1 --sport 5555 --dport 5353 -r 10.88.0.99 -q 192.0.2.2 --reply-port-src 53 "
          + "--reply-port-dst 5555 -t 600 -u ASSURED,SEEN_REPLY")),
  ]

  private static let firewalls: [WhyFault] = [
    WhyFault(testDescription: "Docker's policy", kind: "firewall") { _ in
      for rule in [
        "-P FORWARD DROP", "-N DOCKER", "-N DOCKER-ISOLATION-STAGE-1", "-N DOCKER-ISOLATION-STAGE-2", "-N DOCKER-USER",
        "-A FORWARD -j DOCKER-USER", "-A FORWARD -j DOCKER-ISOLATION-STAGE-1",
        "-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", "-A FORWARD -o docker0 -j DOCKER",
        "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT", "-A FORWARD -i docker0 -o docker0 -j ACCEPT",
        "-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2", "-A DOCKER-ISOLATION-STAGE-1 -j RETURN",
        "-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP", "-A DOCKER-ISOLATION-STAGE-2 -j RETURN", "-A DOCKER-USER -j RETURN",
      ] { try Command.run("iptables-nft \(rule)") }
    },
    WhyFault(testDescription: "chains like ufw's", kind: "firewall") { _ in
      for rule in [
        "-N ufw-before-forward", "-N ufw-user-forward", "-N ufw-reject-forward", "-P FORWARD DROP", "-A FORWARD -j ufw-before-forward",
        "-A FORWARD -j ufw-reject-forward", "-A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-A ufw-before-forward -j ufw-user-forward", "-A ufw-reject-forward -j REJECT",
      ] { try Command.run("iptables-nft \(rule)") }
    },
    WhyFault(testDescription: "a hand-written table", kind: "firewall") { _ in
      try Command.run(
        "nft -f -",
        input: """
          table inet mine {
            set allowed { type inet_service; elements = { 22, 443 } }
            chain forward {
              type filter hook forward priority 10; policy accept;
              ct state established,related accept
              iifname lan0 tcp dport != @allowed counter drop comment "servers only"
            }
          }
          """)
    },
    WhyFault(
      testDescription: "a firewall inside the container", kind: "firewall",
      make: run("ip netns exec web iptables-nft -A INPUT -p tcp --dport 80 -j REJECT")),
    WhyFault(
      testDescription: "a rule that drops the answers", kind: "firewall",
      make: run("iptables-nft -A FORWARD -s 10.88.0.0/16 -p tcp --sport 80 -j DROP")),
    WhyFault(
      testDescription: "the host's own firewall, before a port of the host", kind: "firewall", question: "lan 192.0.2.1:9000",
      address: "TCP:192.0.2.1:9000"
    ) { world in
      try world.serve("", "TCP-LISTEN:9000")
      try Command.run("iptables-nft -A INPUT -i lan0 -p tcp --dport 9000 -j DROP")
    },
    WhyFault(
      testDescription: "our isolation", kind: "isolation", ingress: "isolated", question: "db web:80", asker: "db",
      address: "TCP:10.88.0.2:80"
    ) { _ in },
  ]

  private static let routing: [WhyFault] = [
    WhyFault(testDescription: "forwarding that is off", kind: "forwarding-off", make: run("sysctl -qw net.ipv4.ip_forward=0")),
    WhyFault(testDescription: "a strict rp_filter beside a second cable", kind: "rp-filter") { world in
      try Command.run("ip link add lan1 type veth peer name lan1 netns \(world.lan.namespace.path)")
      try Command.run("ip addr add 198.51.100.1/24 dev lan1")
      try Command.run("ip link set lan1 up")
      try world.lan.namespace.run {
        try Command.run("ip addr add 198.51.100.2/24 dev lan1")
        try Command.run("ip link set lan1 up")
      }
      try Command.run("ip route add 192.0.2.2/32 via 198.51.100.2 dev lan1")
      try Command.run("sysctl -qw net.ipv4.conf.lan0.rp_filter=1")
    },
    WhyFault(testDescription: "a container without a default route", kind: "no-route", make: run("ip -n web route del default")),
    WhyFault(
      testDescription: "a VPN's route that is more specific", kind: "route-taken",
      make: run(
        "ip link add tun9 type veth peer name tun9p", "ip link set tun9p up", "ip link set tun9 up", "ip route add 10.88.0.0/24 dev tun9")),
    WhyFault(
      testDescription: "a VPN's routing rule", kind: "route-taken",
      make: run(
        "ip link add tun9 type veth peer name tun9p", "ip link set tun9p up", "ip link set tun9 up",
        "ip route add default dev tun9 table 51",
        "ip rule add to 10.0.0.0/8 lookup 51 priority 200")),
    WhyFault(testDescription: "a route that refuses", kind: "no-route", make: run("ip route add unreachable 10.88.0.2/32")),
  ]

  private static let wires: [WhyFault] = [
    WhyFault(
      testDescription: "a neighbour that is remembered wrongly", kind: "wrong-neighbour",
      make: run("ip neigh replace 10.88.0.2 lladdr 02:00:00:00:00:99 dev cni0 nud permanent")),
    WhyFault(testDescription: "a port of the bridge that is switched off", kind: "link-down") { world in
      try Command.run("ip link set \(try world.port(of: "web")) down")
    },
    WhyFault(testDescription: "the container's interface, switched off", kind: "link-down", make: run("ip -n web link set eth0 down")),
    WhyFault(testDescription: "a port of the bridge that listens for the spanning tree", kind: "port-not-forwarding") { world in
      let port = try world.port(of: "web")
      for line in ["cni0 type bridge stp_state 1 forward_delay 3000", "\(port) down", "\(port) up"] {
        try Command.run("ip link set \(line)")
      }
    },
    WhyFault(
      testDescription: "two ports that are isolated", kind: "port-isolated", question: "db web:80", asker: "db", address: "TCP:10.88.0.2:80"
    ) { world in
      for name in ["web", "db"] { try Command.run("bridge link set dev \(try world.port(of: name)) isolated on") }
    },
    WhyFault(testDescription: "a cable that is gone", kind: "interface-missing") { world in
      try Command.run("ip link del \(try world.port(of: "web"))")
    },
    WhyFault(
      testDescription: "an address that the container has lost", kind: "interface-missing",
      make: run("ip -n web addr del 10.88.0.2/16 dev eth0")),
    WhyFault(testDescription: "an address that two have", kind: "duplicate-address") { _ in
      try Command.run("ip -n db addr add 10.88.0.2/16 dev eth0")
      let mac = try Command.run("ip -j -n db link show eth0").json[0]["address"].string
      try Command.run("ip neigh replace 10.88.0.2 lladdr \(mac) dev cni0 nud reachable")
    },
  ]

  private static let ipv6: [WhyFault] = [
    WhyFault(
      testDescription: "IPv6 forwarding that is off", kind: "forwarding-off", question: "lan [fd00:2::1]:8080",
      address: "TCP6:[fd00:2::1]:8080"
    ) { world in
      try world.serve("web", "TCP6-LISTEN:80,ipv6only=1")
      try Command.run("sysctl -qw net.ipv6.conf.all.forwarding=0")
    },
    WhyFault(
      testDescription: "IPv6 that is switched off in the container", kind: "ipv6-disabled", question: "lan [fd00:2::1]:8080",
      address: "TCP6:[fd00:2::1]:8080"
    ) { world in
      try world.serve("web", "TCP6-LISTEN:80,ipv6only=1")
      try Command.run("ip netns exec web sysctl -qw net.ipv6.conf.eth0.disable_ipv6=1")
    },
    WhyFault(
      testDescription: "an IPv6 address that another one has", kind: "ipv6-duplicate", question: "lan [fd00:2::1]:8080",
      address: "TCP6:[fd00:2::1]:8080"
    ) { world in
      try world.serve("web", "TCP6-LISTEN:80,ipv6only=1")
      try Command.run("ip -n web addr del fd00:88::2/64 dev eth0")
      try Command.run("ip -n db addr add fd00:88::2/64 dev eth0 nodad")
      try Command.run("ip netns exec web sysctl -qw net.ipv6.conf.eth0.accept_dad=1")
      try Command.run("ip -n web addr add fd00:88::2/64 dev eth0")
      let limit = Deadline(milliseconds: Int32(Patience.forAnswer.rawValue))
      while try !Command.run("ip -n web addr show dev eth0").text.contains("dadfailed"), limit.remaining > 0 {}
    },
  ]
}
