import CNI
import HostLocalPlugin
import JSON
import Linux
import TestSupport
import Testing

/// A configuration that must be refused: what is wrong in it, and the one error it must get.
struct MalformedConfiguration: Sendable, CustomTestStringConvertible {
  /// Members of the configuration besides name, version and type.
  let members: String
  let version: String
  let arguments: String
  let code: Int
  /// Words that message and details contain.
  let words: [String]

  var testDescription: String { "\(version) \(members.prefix(100)) \(arguments)" }

  /// Bad members of the whole configuration.
  static func members(_ members: String, version: String = "1.1.0", _ code: Int, _ words: String...) -> MalformedConfiguration {
    MalformedConfiguration(members: members, version: version, arguments: "", code: code, words: words)
  }

  /// Bad members of the `ipam` section.
  static func ipam(_ members: String, version: String = "1.1.0", _ code: Int, _ words: String...) -> MalformedConfiguration {
    MalformedConfiguration(members: #""ipam":{"type":"host-local",\#(members)}"#, version: version, arguments: "", code: code, words: words)
  }

  /// A bad range, alone in a set.
  static func range(_ members: String, _ code: Int, _ words: String...) -> MalformedConfiguration {
    MalformedConfiguration(
      members: #""ipam":{"type":"host-local","ranges":[[{\#(members)}]]}"#, version: "1.1.0", arguments: "", code: code, words: words)
  }

  /// Something bad besides a good range.
  static func besides(_ members: String, _ code: Int, _ words: String...) -> MalformedConfiguration {
    MalformedConfiguration(
      members: #""ipam":{"type":"host-local","subnet":"10.0.0.0/24"},\#(members)"#, version: "1.1.0", arguments: "", code: code,
      words: words)
  }

  /// Bad CNI_ARGS with a good configuration.
  static func arguments(_ text: String, _ code: Int, _ words: String...) -> MalformedConfiguration {
    MalformedConfiguration(
      members: #""ipam":{"type":"host-local","subnet":"10.0.0.0/24"}"#, version: "1.1.0", arguments: text, code: code, words: words)
  }

  static let rows = sections + ranges + sets + requests + others

  private static let sections: [MalformedConfiguration] = [
    .members(#""x":1"#, 7, "IPAM config missing 'ipam' key"),
    .members(#""ipam":null"#, 7, "IPAM config missing 'ipam' key"),
    .members(#""ipam":{}"#, 7, "no IP ranges specified"),
    .members(#""ipam":[]"#, 6, "field ipam: expected an object, got an array"),
    .members(#""ipam":"host-local""#, 6, "field ipam: expected an object", "\"host-local\""),
    .ipam(#""ranges":[]"#, 7, "no IP ranges specified"),
    .ipam(#""ranges":null"#, 7, "no IP ranges specified"),
    .ipam(#""rangeStart":"10.0.0.1""#, 7, "no IP ranges specified"),
    .ipam(#""ranges":{}"#, 6, "field ipam.ranges: expected an array, got an object"),
    .ipam(#""ranges":[{"subnet":"10.0.0.0/24"}]"#, 6, "field ipam.ranges[0]: expected an array, got an object"),
    .ipam(#""ranges":[["10.0.0.0/24"]]"#, 6, "field ipam.ranges[0][0]: expected an object", "10.0.0.0/24"),
    .ipam(#""ranges":[null]"#, 6, "field ipam.ranges[0]: expected an array, got null"),
    .ipam(#""ranges":[[]]"#, 7, "invalid range set 0: empty range set"),
    .ipam(#""ranges":[[{"subnet":"10.0.0.0/24"}],[]]"#, 7, "invalid range set 1: empty range set"),
  ]

  private static let ranges: [MalformedConfiguration] = [
    .range("", 7, "field ipam.ranges[0][0].subnet", "missing"),
    .range(#""subnet":"""#, 7, "field ipam.ranges[0][0].subnet", "missing"),
    .range(#""subnet":10"#, 6, "field ipam.ranges[0][0].subnet: expected a string, got an integer: 10"),
    .range(#""subnet":"10.0.0.0""#, 7, "field ipam.ranges[0][0].subnet", "\"10.0.0.0\""),
    .range(#""subnet":"10.0.0.0/33""#, 7, "field ipam.ranges[0][0].subnet", "\"10.0.0.0/33\""),
    .range(#""subnet":"10.0.0/24""#, 7, "\"10.0.0/24\""),
    .range(#""subnet":"10.0.0.0/-1""#, 7, "\"10.0.0.0/-1\""),
    .range(#""subnet":"010.0.0.0/24""#, 7, "\"010.0.0.0/24\""),
    .range(#""subnet":"::ffff:10.0.0.0/120""#, 7, "\"::ffff:10.0.0.0/120\"", "not IPv4 written as IPv6"),
    .range(#""subnet":"fd00::/64%eth0""#, 7, "fd00::/64%eth0"),
    .range(#""subnet":"192.0.2.0/31""#, 7, "invalid range set 0: Network 192.0.2.0/31 too small to allocate from"),
    .range(#""subnet":"192.0.2.1/32""#, 7, "invalid range set 0: Network 192.0.2.1/32 too small to allocate from"),
    .range(#""subnet":"fd00::/127""#, 7, "invalid range set 0: Network fd00::/127 too small to allocate from"),
    .range(
      #""subnet":"192.0.2.12/24""#, 7,
      "invalid range set 0: Network has host bits set. For a subnet mask of length 24 the network address is 192.0.2.0"),
    .range(#""subnet":"2001:db8:1::1/64""#, 7, "For a subnet mask of length 64 the network address is 2001:db8:1::"),
    .range(
      #""subnet":"192.0.2.0/24","rangeStart":"192.0.3.0""#, 7, "invalid range set 0: RangeStart 192.0.3.0 not in network 192.0.2.0/24"),
    .range(#""subnet":"192.0.2.0/24","rangeEnd":"192.0.4.0""#, 7, "invalid range set 0: RangeEnd 192.0.4.0 not in network 192.0.2.0/24"),
    .range(
      #""subnet":"192.0.2.0/24","rangeStart":"192.0.2.50","rangeEnd":"192.0.2.40""#, 7,
      "invalid range set 0: RangeStart 192.0.2.50 not in network 192.0.2.0/24"),
    .range(#""subnet":"192.0.2.0/24","rangeStart":"192.0.2.5/24""#, 7, "field ipam.ranges[0][0].rangeStart", "\"192.0.2.5/24\""),
    .range(#""subnet":"192.0.2.0/24","rangeStart":"::ffff:192.0.2.5""#, 7, "field ipam.ranges[0][0].rangeStart", "::ffff:192.0.2.5"),
    .range(#""subnet":"192.0.2.0/24","rangeEnd":"fd00::1""#, 7, "RangeEnd fd00::1 not in network 192.0.2.0/24"),
    .range(#""subnet":"192.0.2.0/24","rangeEnd":["192.0.2.9"]"#, 6, "field ipam.ranges[0][0].rangeEnd: expected a string, got an array"),
    .range(#""subnet":"192.0.2.0/24","gateway":"router""#, 7, "field ipam.ranges[0][0].gateway", "\"router\""),
    .range(#""subnet":"192.0.2.0/24","gateway":"fd00::1""#, 7, "invalid range set 0: gateway fd00::1 is not of the family"),
    .range(#""subnet":"192.0.2.0/24","gateway":1"#, 6, "field ipam.ranges[0][0].gateway", "an integer: 1"),
    .range(#""subnet":"192.0.2.0/24","subnet":"192.0.3.0/24""#, 6, "error unmarshall network config", "duplicated"),
  ]

  private static let sets: [MalformedConfiguration] = [
    .ipam(#""subnet":"10.0.0.1/24""#, 7, "invalid range set 0: Network has host bits set."),
    .ipam(#""subnet":"10.0.0.0/24","rangeStart":"10.0.1.1""#, 7, "invalid range set 0: RangeStart 10.0.1.1 not in network 10.0.0.0/24"),
    .ipam(#""subnet":"nonsense""#, 7, "field ipam.subnet", "\"nonsense\""),
    .ipam(#""subnet":"10.0.0.0/24","ranges":[[{"subnet":"10.0.0.128/25"}]]"#, 7, "range set 0 overlaps with 1"),
    .ipam(#""ranges":[[{"subnet":"10.0.0.0/24"},{"subnet":"fd00::/64"}]]"#, 7, "invalid range set 0: mixed address families"),
    .ipam(
      #""ranges":[[{"subnet":"10.1.0.0/22"},{"subnet":"10.1.2.0/24"}]]"#, 7,
      "invalid range set 0: subnets 10.1.0.1-10.1.3.254 and 10.1.2.1-10.1.2.254 overlap"),
    .ipam(
      #""ranges":[[{"subnet":"10.0.0.0/24"}],[{"subnet":"10.0.1.0/24"}],[{"subnet":"10.0.1.0/25","rangeStart":"10.0.1.126"}]]"#, 7,
      "range set 1 overlaps with 2"),
    .ipam(
      #""subnet":"10.0.0.0/24","ranges":[[{"subnet":"10.0.1.0/24"}]]"#, version: "0.2.0", 7,
      "CNI version 0.2.0 does not support more than 1 address per family"),
    .ipam(
      #""ranges":[[{"subnet":"fd00::/64"}],[{"subnet":"fd01::/64"}]]"#, version: "0.1.0", 7,
      "CNI version 0.1.0 does not support more than 1 address per family"),
    .besides(#""runtimeConfig":{"ipRanges":[[]]}"#, 7, "invalid range set 0: empty range set"),
    .besides(#""runtimeConfig":{"ipRanges":[[{"subnet":"10.0.0.0/16"}]]}"#, 7, "range set 0 overlaps with 1"),
    .besides(#""runtimeConfig":{"ipRanges":[{"subnet":"10.1.0.0/16"}]}"#, 6, "field runtimeConfig.ipRanges[0]: expected an array"),
    .besides(#""runtimeConfig":{"ipRanges":"10.1.0.0/16"}"#, 6, "field runtimeConfig.ipRanges: expected an array"),
  ]

  private static let requests: [MalformedConfiguration] = [
    .besides(#""runtimeConfig":{"ips":["10.0.0.300"]}"#, 7, "field runtimeConfig.ips[0]", "\"10.0.0.300\""),
    .besides(#""runtimeConfig":{"ips":"10.0.0.3"}"#, 6, "field runtimeConfig.ips: expected an array"),
    .besides(#""runtimeConfig":{"ips":["10.0.0.3",7]}"#, 6, "field runtimeConfig.ips[1]: expected a string, got an integer: 7"),
    .besides(#""args":{"cni":{"ips":["10.0.0.3/33"]}}"#, 7, "field args.cni.ips[0]", "\"10.0.0.3/33\""),
    .besides(#""args":{"cni":{"ips":[""]}}"#, 7, "field args.cni.ips[0]"),
    .besides(#""args":{"cni":{"ips":["::ffff:10.0.0.3"]}}"#, 7, "field args.cni.ips[0]", "::ffff:10.0.0.3"),
    .besides(#""args":{"cni":{"ips":["10.0.0.1"]}}"#, 999, "failed to allocate for range 0: requested ip 10.0.0.1 is subnet's gateway"),
    .besides(#""args":{"cni":{"ips":["10.0.0.0"]}}"#, 999, "failed to allocate all requested IPs: 10.0.0.0"),
    .besides(#""args":{"cni":{"ips":["10.0.0.3","10.0.0.4"]}}"#, 999, "failed to allocate all requested IPs: 10.0.0.4"),
    .besides(#""runtimeConfig":{"ips":["fd00::3/64"]}"#, 999, "failed to allocate all requested IPs: fd00::3"),
    .arguments("IP", 4, "ARGS: invalid pair \"IP\""),
    .arguments("IP=10.0.0.3=4", 4, "ARGS: invalid pair \"IP=10.0.0.3=4\""),
    .arguments("FOO=1", 4, "ARGS: unknown args [\"FOO=1\"]"),
    .arguments("IP=ten", 7, "CNI_ARGS IP", "\"ten\""),
    .arguments("IgnoreUnknown=true;FOO=1;IP=10.1.2.77", 999, "failed to allocate all requested IPs: 10.1.2.77"),
  ]

  private static let others: [MalformedConfiguration] = [
    .ipam(#""subnet":"10.0.0.0/24","routes":{}"#, 6, "field ipam.routes: expected an array"),
    .ipam(#""subnet":"10.0.0.0/24","routes":[{"gw":"10.0.0.1"}]"#, 7, "field ipam.routes[0].dst", "missing"),
    .ipam(#""subnet":"10.0.0.0/24","routes":[{"dst":"10.0.0.0"}]"#, 7, "field ipam.routes[0].dst", "\"10.0.0.0\""),
    .ipam(#""subnet":"10.0.0.0/24","routes":[{"dst":"0.0.0.0/0","mtu":-1}]"#, 7, "field ipam.routes[0].mtu", "-1"),
    .ipam(#""subnet":"10.0.0.0/24","routes":[{"dst":"0.0.0.0/0","table":4294967296}]"#, 7, "field ipam.routes[0].table", "4294967296"),
    .ipam(#""subnet":"10.0.0.0/24","routes":[{"dst":"0.0.0.0/0","scope":256}]"#, 7, "field ipam.routes[0].scope", "256"),
    .ipam(#""subnet":"10.0.0.0/24","dataDir":7"#, 6, "field ipam.dataDir: expected a string, got an integer: 7"),
    .ipam(#""subnet":"10.0.0.0/24","dataDir":"/dev/null""#, 5, "/dev/null/net", "Not a directory"),
    .ipam(#""subnet":"10.0.0.0/24","dataDir":"/proc/nothing""#, 5, "create /proc/nothing"),
    .ipam(#""subnet":"10.0.0.0/24","resolvConf":"/nowhere""#, 5, "open /nowhere: No such file or directory"),
    .ipam(#""subnet":"10.0.0.0/24","resolvConf":"/proc""#, 5, "read /proc: Is a directory"),
    .ipam(#""subnet":"10.0.0.0/24","resolvConf":true"#, 6, "field ipam.resolvConf: expected a string, got a boolean: true"),
    .ipam(#""subnet":"10.0.0.0/24","keepLeasesAcrossReboots":"yes""#, 6, "field ipam.keepLeasesAcrossReboots", "\"yes\""),
    .ipam(#""subnet":"10.0.0.0/24","keepLeasesAcrossReboots":1"#, 6, "field ipam.keepLeasesAcrossReboots", "an integer: 1"),
  ]
}

@Suite("host-local's malformed configurations", .networkNamespace)
struct MalformedConfigurationTests {
  @Test("get one error with the right code and words, and create nothing", arguments: MalformedConfiguration.rows)
  func refused(row: MalformedConfiguration) throws {
    let environment = Environment([
      "CNI_COMMAND=ADD", "CNI_CONTAINERID=c1", "CNI_NETNS=/nowhere", "CNI_IFNAME=eth0", "CNI_PATH=/nowhere", "CNI_ARGS=\(row.arguments)",
    ])
    let text = #"{"cniVersion":"\#(row.version)","name":"net","type":"bridge",\#(row.members)}"#
    let outcome = PluginProcess(plugins: [HostLocalPlugin.self]).run(HostLocalPlugin.self, environment: environment) { Array(text.utf8) }
    #expect(outcome.exitCode == 1)
    let error = try JSONValue.parse(outcome.output)
    #expect(error["code"].integer == row.code, "\(outcome.output)")
    for word in row.words { #expect("\(error["msg"].string)\n\(error["details"].string)".contains(word), "\(outcome.output)") }
    let leases = "/var/lib/cni/networks/net"
    #expect(try !FileSystem.isFolder(leases) || FileSystem.names(in: leases).allSatisfy { !$0.contains("10.") })
  }

  @Test("are a table of more than 40 rows, no two alike")
  func table() {
    #expect(MalformedConfiguration.rows.count > 40)
    #expect(Set(MalformedConfiguration.rows.map { "\($0.members)\($0.arguments)" }).count == MalformedConfiguration.rows.count)
  }

  @Test("with a hundred thousand ranges or requests are answered like small ones")
  func huge() throws {
    func refusal(_ members: String) throws -> Int? {
      let text = #"{"cniVersion":"1.1.0","name":"net",\#(members)}"#
      let environment = Environment([
        "CNI_COMMAND=ADD", "CNI_CONTAINERID=c1", "CNI_NETNS=/nowhere", "CNI_IFNAME=eth0", "CNI_PATH=/nowhere",
      ])
      let outcome = PluginProcess(plugins: [HostLocalPlugin.self]).run(HostLocalPlugin.self, environment: environment) { Array(text.utf8) }
      #expect(outcome.output.utf8.count < 1000)
      return try JSONValue.parse(outcome.output)["code"].integer
    }
    let ranges = (0..<100_000).map { #"{"subnet":"10.\#($0 >> 11).\#($0 >> 3 & 255).\#(($0 & 7) << 5)/27"}"# }.joined(separator: ",")
    #expect(try refusal(#""ipam":{"ranges":[[\#(ranges),{"subnet":"10.0.0.0/27"}]]}"#) == 7)
    let requests = (0..<100_000).map { #""10.\#($0 >> 16).\#($0 >> 8 & 255).\#($0 & 255)""# }.joined(separator: ",")
    #expect(try refusal(#""ipam":{"subnet":"10.0.0.0/8"},"runtimeConfig":{"ips":[\#(requests)]}"#) == 999)
  }
}
