import JSON
import Linux
import TestSupport
import Testing

@Suite("portmap: configurations that cannot be", .networkNamespace)
struct PortmapConfigurationTests {
  /// What is wrong: members that replace those of a good configuration, the code, and a part of the message or the details.
  struct Row: CustomTestStringConvertible, Sendable {
    let members: String
    let code: Int
    let says: String
    var testDescription: String { members.count > 80 ? "\(members.prefix(80))…" : members }

    init(_ members: String, _ code: Int, _ says: String) {
      self.members = members
      self.code = code
      self.says = says
    }

    /// A configuration with one mapping.
    static func mapping(_ mapping: String, _ code: Int, _ says: String) -> Row {
      Row("{\"runtimeConfig\": {\"portMappings\": [\(mapping)]}}", code, says)
    }
  }

  static let rows: [Row] = [
    .mapping(#"{"hostPort": 0, "containerPort": 80}"#, 7, "Invalid host port number: 0"),
    .mapping(#"{"containerPort": 80}"#, 7, "Invalid host port number: 0"),
    .mapping(#"{"hostPort": 65536, "containerPort": 80}"#, 7, "Invalid host port number: 65536"),
    .mapping(#"{"hostPort": -1, "containerPort": 80}"#, 7, "Invalid host port number: -1"),
    .mapping(#"{"hostPort": 9223372036854775807, "containerPort": 80}"#, 7, "Invalid host port number: 9223372036854775807"),
    .mapping(#"{"hostPort": 9223372036854775808, "containerPort": 80}"#, 6, "too big integer"),
    .mapping(#"{"hostPort": 1e300, "containerPort": 80}"#, 6, "runtimeConfig.portMappings[0].hostPort"),
    .mapping(#"{"hostPort": 8080.5, "containerPort": 80}"#, 6, "runtimeConfig.portMappings[0].hostPort"),
    .mapping(#"{"hostPort": "8080", "containerPort": 80}"#, 6, "runtimeConfig.portMappings[0].hostPort: expected an integer, got a string"),
    .mapping(#"{"hostPort": [], "containerPort": 80}"#, 6, "runtimeConfig.portMappings[0].hostPort"),
    .mapping(#"{"hostPort": true, "containerPort": 80}"#, 6, "runtimeConfig.portMappings[0].hostPort"),
    .mapping(#"{"hostPort": 8080, "containerPort": 0}"#, 7, "Invalid container port number: 0"),
    .mapping(#"{"hostPort": 8080}"#, 7, "Invalid container port number: 0"),
    .mapping(#"{"hostPort": 8080, "containerPort": 65536}"#, 7, "Invalid container port number: 65536"),
    .mapping(#"{"hostPort": 8080, "containerPort": -80}"#, 7, "Invalid container port number: -80"),
    .mapping(#"{"hostPort": 8080, "containerPort": {}}"#, 6, "runtimeConfig.portMappings[0].containerPort"),
    .mapping(#"{}"#, 7, "Invalid container port number: 0"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "protocol": "icmp"}"#, 7, "protocol: expected tcp, udp or sctp, got \"icmp\""),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "protocol": "tcp "}"#, 7, "runtimeConfig.portMappings[0].protocol"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "protocol": "6"}"#, 7, "runtimeConfig.portMappings[0].protocol"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "protocol": 6}"#, 6, "runtimeConfig.portMappings[0].protocol"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "protocol": "tcp\n"}"#, 7, "runtimeConfig.portMappings[0].protocol"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "hostIP": "localhost"}"#, 7, "runtimeConfig.portMappings[0].hostIP"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "hostIP": "127.0.0.1/8"}"#, 7, "runtimeConfig.portMappings[0].hostIP"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "hostIP": "127.0.0.256"}"#, 7, "runtimeConfig.portMappings[0].hostIP"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "hostIP": "127.1"}"#, 7, "runtimeConfig.portMappings[0].hostIP"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "hostIP": "010.0.0.1"}"#, 7, "runtimeConfig.portMappings[0].hostIP"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "hostIP": "::ffff:127.0.0.1"}"#, 7, "none of the one written as the other"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "hostIP": "fe80::1%eth0"}"#, 7, "runtimeConfig.portMappings[0].hostIP"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "hostIP": "[::1]"}"#, 7, "runtimeConfig.portMappings[0].hostIP"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "hostIP": "224.0.0.1"}"#, 7, "not a multicast group"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "hostIP": "ff02::1"}"#, 7, "not a multicast group"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "hostIP": 2130706433}"#, 6, "runtimeConfig.portMappings[0].hostIP"),
    .mapping(#"{"hostPort": 8080, "containerPort": 80, "hostIP": " "}"#, 7, "runtimeConfig.portMappings[0].hostIP"),
    .mapping(
      #"{"hostPort": 1, "containerPort": 1}, {"hostPort": 2, "containerPort": 0}"#, 7, "runtimeConfig.portMappings[1].containerPort"),
    .mapping(#"{"hostPort": 1, "containerPort": 1}, {"hostPort": 1, "containerPort": 2}"#, 7, "mapped to container ports 1 and 2"),
    .mapping(#"{"hostPort": 1, "containerPort": 1}, null"#, 6, "runtimeConfig.portMappings[1]"),
    .mapping(#"8080"#, 6, "runtimeConfig.portMappings[0]: expected an object, got an integer"),
    .mapping(#""8080:80/tcp""#, 6, "runtimeConfig.portMappings[0]"),
    .mapping(#"[]"#, 6, "runtimeConfig.portMappings[0]"),
    Row(
      #"{"runtimeConfig": {"portMappings": {"hostPort": 8080, "containerPort": 80}}}"#, 6, "runtimeConfig.portMappings: expected an array"),
    Row(#"{"runtimeConfig": {"portMappings": "8080:80"}}"#, 6, "runtimeConfig.portMappings"),
    Row(#"{"runtimeConfig": []}"#, 6, "runtimeConfig: expected an object"),
    Row(#"{"runtimeConfig": "none"}"#, 6, "runtimeConfig"),
    Row(#"{"snat": "true"}"#, 6, "field snat: expected true or false, got a string"),
    Row(#"{"snat": 1}"#, 6, "field snat"),
    Row(#"{"masqAll": "no"}"#, 6, "field masqAll"),
    Row(#"{"markMasqBit": 32}"#, 7, "MasqMarkBit must be between 0 and 31"),
    Row(#"{"markMasqBit": -1}"#, 7, "MasqMarkBit must be between 0 and 31"),
    Row(#"{"markMasqBit": "13"}"#, 6, "field markMasqBit"),
    Row(#"{"markMasqBit": 13, "externalSetMarkChain": "KUBE-MARK-MASQ"}"#, 7, "Cannot specify externalSetMarkChain and markMasqBit"),
    Row(#"{"externalSetMarkChain": ["X"]}"#, 6, "field externalSetMarkChain"),
    Row(#"{"backend": "ipvs"}"#, 7, "unrecognized backend \"ipvs\""),
    Row(#"{"backend": "nftables\u0000"}"#, 6, "error unmarshall network config"),
    Row(#"{"backend": 1}"#, 6, "field backend"),
    Row(
      #"{"backend": "iptables", "conditionsV4": ["ip", "saddr", "1.2.3.4"], "conditionsV6": ["ip6", "saddr", "::1"]}"#, 7,
      "iptables backend was requested but configuration contains nftables-specific options [conditionsV4 conditionsV6]"),
    Row(
      #"{"backend": "nftables", "externalSetMarkChain": "X", "conditionsV4": ["-s", "1.2.3.4"], "conditionsV6": ["!", "-s", "::1"]}"#, 7,
      "nftables backend was requested but configuration contains iptables-specific options [externalSetMarkChain conditionsV4 conditionsV6]"
    ),
    Row(
      #"{"backend": "nftables", "conditionsV6": ["!", "-s", "::1"]}"#, 7,
      "nftables backend was requested but configuration contains iptables-specific options [conditionsV6]"),
    Row(#"{"conditionsV4": ["-s", "192.0.2.0/24"]}"#, 7, "field conditionsV4: \"-s 192.0.2.0/24\" is written for iptables"),
    Row(#"{"backend": "iptables", "conditionsV6": ["!", "-s", "::1"]}"#, 7, "field conditionsV6: \"! -s ::1\" is written for iptables"),
    Row(#"{"conditionsV4": "ip saddr 1.2.3.4"}"#, 6, "field conditionsV4: expected an array"),
    Row(#"{"conditionsV4": ["ip", 4]}"#, 6, "field conditionsV4[1]"),
    Row(#"{"conditionsV4": ["ip", "saddr"]}"#, 7, "field conditionsV4"),
    Row(#"{"conditionsV4": ["ip6", "saddr", "::1"]}"#, 7, "field conditionsV4: \"ip6\""),
    Row(#"{"conditionsV4": ["ip", "saddr", "192.0.2.0/33"]}"#, 7, "field conditionsV4: \"192.0.2.0/33\""),
    Row(#"{"conditionsV6": ["ip6", "saddr", "192.0.2.1"]}"#, 7, "field conditionsV6"),
    Row(#"{"conditionsV4": ["ip saddr 1.2.3.4 accept"]}"#, 7, "field conditionsV4: \"accept\""),
    Row(#"{"conditionsV4": ["ip saddr 1.2.3.4; flush ruleset"]}"#, 7, "field conditionsV4"),
    Row(
      #"{"conditionsV4": ["ip saddr 1.2.3.4\nflush ruleset"]}"#, 7, "field conditionsV4: expected at most 1024 printable ASCII characters"),
    Row(#"{"conditionsV4": ["iifname", "x\ncondition v6 iifname y"]}"#, 7, "field conditionsV4"),
    Row(#"{"conditionsV4": ["iifname", "\"a\" drop \""]}"#, 7, "field conditionsV4"),
    Row(#"{"conditionsV4": ["iifname", "ä"]}"#, 7, "field conditionsV4"),
    Row(#"{"conditionsV4": ["include", "\"/etc/shadow\""]}"#, 7, "field conditionsV4: \"include\""),
    Row(#"{"onConflict": "ignore"}"#, 7, "field onConflict: expected \"fail\" or \"warn\", got \"ignore\""),
    Row(#"{"onConflict": true}"#, 6, "field onConflict"),
    Row(#"{"prevResult": "none"}"#, 6, "prevResult: expected an object"),
    Row(#"{"prevResult": {"ips": [{"address": "10.1.0.5"}]}}"#, 7, "prevResult.ips[0].address"),
    Row(#"{"prevResult": {"ips": [{"address": "10.1.0.5/24", "interface": "2"}]}}"#, 6, "prevResult.ips[0].interface"),
    Row(#"{"prevResult": {"ips": [{"address": "::ffff:10.1.0.5/120"}]}}"#, 7, "prevResult.ips[0].address"),
    Row(#"{"prevResult": {"interfaces": {}}}"#, 6, "prevResult.interfaces"),
    Row(#"{"prevResult": null}"#, 7, "must be called as chained plugin"),
  ]

  @Test("each gets one error that names the field and the value, and nothing is made", arguments: rows)
  func malformed(row: Row) throws {
    let runner = try PluginRunner(), container = try TestNamespace()
    var configuration = PortmapContainer.configuration(["tcp 8080:80"])
      .with("prevResult", ["ips": [["address": "10.1.0.5/24"]]]).text
    // As text, because some rows are no JSON that could be read here.
    let members = row.members.dropFirst().dropLast()
    for name in ["runtimeConfig", "prevResult"] where members.contains("\"\(name)\"") {
      configuration = try JSONValue.parse(configuration).without(name).text
    }
    let text = "{\(members), \(configuration.dropFirst())"
    let output = try runner.run("ADD", type: "portmap", input: text, netns: container.path)
    #expect(output.status == 1 && output.text.split(separator: "\n").count == 1)
    let error = try output.json
    #expect(error["code"].integer == row.code, "\(output)")
    #expect("\(error["msg"].string) \(error["details"] == nil ? "" : error["details"].string)".contains(row.says), "\(output)")
    #expect(try Command.run("nft list ruleset").text.isEmpty && !FileSystem.isFolder("/run/cni"))
  }

  @Test("configuration errors of ADD and DEL are announced, those of CHECK are not", arguments: ["ADD", "DEL", "CHECK"])
  func prefix(command: String) throws {
    let runner = try PluginRunner(), container = try TestNamespace()
    let output = try runner.run(command, PortmapContainer.configuration(["tcp 0:80"]).with("prevResult", [:]), in: container)
    #expect(try output.json["msg"].string == (command == "CHECK" ? "" : "failed to parse config: ") + "Invalid host port number: 0")
    let missing = try runner.run(command, PortmapContainer.configuration(["tcp 8080:80"]), in: container)
    switch command {
    case "ADD": #expect(try missing.json["msg"] == "must be called as chained plugin")
    case "CHECK": #expect(try missing.json["msg"] == "Required prevResult missing")
    default: #expect(missing.status == 0)
    }
  }

  @Test(
    "what may be there without effect is accepted, with a line in the log for keys that only iptables uses",
    arguments: [
      (#"{"backend": "iptables"}"#, false), (#"{"backend": "nftables"}"#, false), (#"{"backend": ""}"#, false),
      (#"{"markMasqBit": 31}"#, true), (#"{"externalSetMarkChain": "KUBE-MARK-MASQ"}"#, true), (#"{"conditionsV4": []}"#, false),
      (#"{"conditionsV4": [""], "conditionsV6": null}"#, false), (#"{"backend": "iptables", "externalSetMarkChain": "X"}"#, true),
      (#"{"snat": null, "masqAll": null, "onConflict": "fail"}"#, false), (#"{"unknown": {"a": [1]}}"#, false),
    ])
  func accepted(members: String, warns: Bool) throws {
    let host = try PortmapHost()
    let said = try host.container(5).warnings(["tcp 8080:80"], JSONValue.parse(members))
    #expect(said.isEmpty != warns && (!warns || said.contains("has no effect")))
  }
}
