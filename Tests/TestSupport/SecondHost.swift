import Linux

/// Another host on the same network as the test's own namespace: 192.0.2.2 and fd00:2::2 there, 192.0.2.1 and fd00:2::1 here.
public final class SecondHost {
  /// Its namespace.
  public let namespace: TestNamespace

  /// Joins the two by a cable, `lan0` at both ends. Everything else the second host sends to the first one as its router.
  public init() throws {
    namespace = try TestNamespace()
    try Command.run("ip link add lan0 type veth peer name lan0 netns \(namespace.path)")
    try SecondHost.configure(1)
    try namespace.run {
      try SecondHost.configure(2)
      try Command.run("ip route add default via 192.0.2.1")
      try Command.run("ip route add default via fd00:2::1")
      // A cable that was plugged in a moment ago loses its first multicasts.
      for router in ["192.0.2.1", "fd00:2::1"] { try Command.run("ping -q -c 1 -w 60 -i 0.1 \(router)") }
    }
    for host in ["192.0.2.2", "fd00:2::2"] { try Command.run("ping -q -c 1 -w 60 -i 0.1 \(host)") }
  }

  private static func configure(_ number: Int) throws {
    try Command.run("ip link set lo up")
    // Addresses that are probed for duplicates would not be usable at once.
    try Command.run("sysctl -qw net.ipv6.conf.lan0.accept_dad=0")
    try Command.run("ip addr add 192.0.2.\(number)/24 dev lan0")
    try Command.run("ip addr add fd00:2::\(number)/64 dev lan0 nodad")
    try Command.run("ip link set lan0 up")
  }
}
