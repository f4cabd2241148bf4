import JSON
import TestSupport
import Testing

@Suite("tuning refuses", .networkNamespace)
struct TuningRefusalTests {
  private static let rows: [Refusal] =
    [
      // Nothing to tune.
      Refusal(#""mtu":1400"#, 7, "Required prevResult missing").with(\.isChained, false),
      Refusal("", 7, "Required prevResult missing").with(\.isChained, false),
      Refusal(#""mtu":1400"#, 7, "Required prevResult missing").with(\.isChained, false).with(\.command, "CHECK"),
      Refusal(#""mtu":1400"#, 999, "interface eth9 does not exist").with(\.interfaceName, "eth9"),
      Refusal(#""mtu":1400"#, 4, "interface name contains / or :").with(\.interfaceName, "a/b"),
      Refusal(#""mtu":1400"#, 4, "interface name is . or ..").with(\.interfaceName, ".."),
      Refusal(#""sysctl":{"net.ipv4.conf.IFNAME.arp_filter":"1"}"#, 5, "ipv4/conf/eth9/arp_filter").with(\.interfaceName, "eth9"),
      Refusal(#"{"cniVersion":"1.1.0","name":"net","type":"tuning","prevResult":[]}"#, 6, "prevResult", "an object"),
      Refusal(
        #"{"cniVersion":"1.1.0","name":"net","type":"tuning","prevResult":{"ips":[{"address":"x"}]}}"#, 7, "prevResult.ips[0].address",
        "\"x\""),
      Refusal(#"{"cniVersion":"1.1.0","name":"net","type":"tuning","#, 6, "error unmarshall network config"),
      // Parameters.
      Refusal(#""sysctl":{"net.core.somaxconn":"1","net.core.somaxconn":"2"}"#, 6, "duplicated", "net.core.somaxconn"),
      Refusal(#""sysctl":{"net.core.somaxconn":"1","net/core/somaxconn":"2"}"#, 7, "field sysctl", "duplicated"),
      Refusal(#""sysctl":{"net.ipv4.conf.eth0.arp_filter":"1","net.ipv4.conf.IFNAME.arp_filter":"2"}"#, 7, "duplicated"),
      Refusal(#""args":{"cni":{"sysctl":{"net.core.somaxconn":"1","net.core.somaxconn":"2"}}}"#, 6, "duplicated"),
      Refusal(#""sysctl":{"kernel.hostname":"x"}"#, 7, "invalid net sysctl key: \"kernel.hostname\""),
      Refusal(#""sysctl":{"net":"x"}"#, 7, "invalid net sysctl key"), Refusal(#""sysctl":{"":"x"}"#, 7, "invalid net sysctl key"),
      Refusal(#""sysctl":{"net.":"x"}"#, 7, "invalid net sysctl key"),
      Refusal(#""sysctl":{"network.core":"x"}"#, 7, "invalid net sysctl key"),
      Refusal(#""sysctl":{"/net/core/somaxconn":"1"}"#, 7, "invalid net sysctl key"),
      Refusal(#""sysctl":{"net/../kernel/hostname":"x"}"#, 7, "invalid net sysctl key"),
      Refusal(#""sysctl":{"net.//.kernel.hostname":"x"}"#, 7, "invalid net sysctl key"),
      Refusal(#""sysctl":{"net...kernel.hostname":"x"}"#, 7, "invalid net sysctl key"),
      Refusal(#""sysctl":{"net/core/./somaxconn":"x"}"#, 7, "invalid net sysctl key"),
      Refusal(#""args":{"cni":{"sysctl":{"vm.swappiness":"0"}}}"#, 7, "invalid net sysctl key", "vm.swappiness"),
      Refusal(#""sysctl":{"net.core.nothing":"1"}"#, 5, "core/nothing"), Refusal(#""sysctl":{"net.core":"1"}"#, 5, "net/core"),
      Refusal(#""sysctl":{"net.core.somaxconn":"many"}"#, 5, "many", "core/somaxconn"),
      Refusal(#""sysctl":{"net.core.somaxconn":5}"#, 6, "sysctl[\"net.core.somaxconn\"]", "a string", "5"),
      Refusal(#""sysctl":{"net.core.somaxconn":null}"#, 6, "sysctl[\"net.core.somaxconn\"]", "a string"),
      Refusal(#""sysctl":{"net.core.somaxconn":"1\u0000"}"#, 6, "error unmarshall"),
      Refusal(#""sysctl":["net.core.somaxconn=1"]"#, 6, "field sysctl", "an object"),
    ] + [
      // The interface.
      Refusal(#""mac":"02:00:00:00:00""#, 7, "field mac", "a MAC address", "02:00:00:00:00"),
      Refusal(#""mac":"03:00:00:00:00:01""#, 7, "field mac", "single station"),
      Refusal(#""mac":"00:00:00:00:00:00""#, 7, "field mac", "single station"), Refusal(#""mac":17"#, 6, "field mac", "a string", "17"),
      Refusal(#""args":{"cni":{"mac":"x"}}"#, 7, "args.cni.mac", "\"x\""),
      Refusal(#""runtimeConfig":{"mac":"x"}"#, 7, "runtimeConfig.mac", "\"x\""), Refusal("", 7, "CNI_ARGS MAC").with(\.arguments, "MAC=x"),
      Refusal("", 4, "ARGS: unknown args [\"FOO=1\"]").with(\.arguments, "MAC=02:00:00:00:00:01;FOO=1"),
      Refusal("", 4, "ARGS: invalid pair \"MAC\"").with(\.arguments, "MAC"),
      Refusal(#""runtimeConfig":"x""#, 6, "runtimeConfig", "an object"),
      Refusal(#""args":{"cni":7}"#, 6, "args.cni", "an object"), Refusal(#""mtu":67"#, 7, "field mtu", "0 or 68 to 65536", "67"),
      Refusal(#""mtu":65537"#, 7, "field mtu", "65537"), Refusal(#""mtu":-1"#, 7, "field mtu", "-1"),
      Refusal(#""mtu":"1400""#, 6, "field mtu", "an integer"), Refusal(#""mtu":1400.5"#, 6, "field mtu", "an integer"),
      Refusal(#""mtu":99999999999999999999"#, 6, "error unmarshall"), Refusal(#""mtu":65536"#, 999, "mtu greater than device maximum"),
      Refusal(#""promisc":1"#, 6, "field promisc", "true or false"), Refusal(#""allmulti":"yes""#, 6, "field allmulti", "true or false"),
      Refusal(#""args":{"cni":{"promisc":"on"}}"#, 6, "args.cni.promisc"),
      Refusal(#""txQLen":-1"#, 7, "field txQLen", "0 to 4294967295", "-1"), Refusal(#""txQLen":4294967296"#, 7, "field txQLen"),
      Refusal(#""txQLen":"x""#, 6, "field txQLen", "an integer"),
      // Where the values are saved.
      Refusal(#""mtu":1400,"dataDir":"here""#, 7, "field dataDir", "an absolute path", "\"here\""),
      Refusal(#""mtu":1400,"dataDir":["/run"]"#, 6, "field dataDir", "a string"),
      Refusal(#""mtu":1400,"dataDir":"/proc/none""#, 5, "/proc/none"),
      Refusal(#""mtu":1400,"dataDir":"/dev/null/x""#, 5, "/dev/null/x"),
      // The other commands.
      Refusal(#""mtu":"x""#, 6, "field mtu").with(\.command, "DEL"), Refusal(#""mtu":"x""#, 6, "field mtu").with(\.command, "STATUS"),
      Refusal(#""mtu":"x""#, 6, "field mtu").with(\.command, "GC"), Refusal(#""mtu":1401"#, 999, "configured MTU").with(\.command, "CHECK"),
    ]

  @Test("what cannot be, with the right code and words, and changes nothing", arguments: rows)
  func refuses(row: Refusal) throws {
    let tuned = try TuningContainer(), before = try world(tuned)
    try row.expect(of: "tuning", from: tuned.runner, in: tuned.container, after: tuned.previousResult)
    #expect(try world(tuned) == before)
  }

  private func world(_ tuned: TuningContainer) throws -> [String] {
    [
      try tuned.link().text, try tuned.sysctl("net.core.somaxconn"), try tuned.shell("sysctl -a --pattern eth0.arp").text,
      try Command.run("find /run /var/lib -path /run/plugins -prune -o -path /run/test -prune -o -type f -print").text,
      try Command.run("ip -o link").text,
    ]
  }
}
