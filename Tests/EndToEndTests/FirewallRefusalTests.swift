import JSON
import Linux
import TestSupport
import Testing

@Suite("firewall refuses", .networkNamespace)
struct FirewallRefusalTests {
  private static let noInterface = "make sure to chain \"firewall\" plugin with \"bridge\""

  private static let rows: [Refusal] =
    [
      Refusal("", 7, "missing prevResult from earlier plugin").with(\.isChained, false),
      Refusal("", 7, "missing prevResult from earlier plugin").with(\.isChained, false).with(\.command, "CHECK"),
      Refusal(#""ingressPolicy":"isolated""#, 7, "missing prevResult").with(\.isChained, false),
      Refusal(#""prevResult":7"#, 6, "prevResult", "an object").with(\.isChained, false),
      Refusal(#""prevResult":{"interfaces":{}}"#, 6, "prevResult.interfaces", "an array").with(\.isChained, false),
      Refusal(#""prevResult":{"interfaces":[{"name":5}]}"#, 6, "prevResult.interfaces[0].name", "a string").with(\.isChained, false),
      Refusal(#""prevResult":{"ips":[{}]}"#, 7, "prevResult.ips[0].address", "missing").with(\.isChained, false),
      Refusal(#""prevResult":{"ips":[{"address":"10.0.0.1"}]}"#, 7, "prevResult.ips[0].address").with(\.isChained, false),
      Refusal(#""ingressPolicy":"same-bridge","prevResult":{}"#, 7, noInterface, "same-bridge").with(\.isChained, false),
      Refusal(#""ingressPolicy":"isolated","prevResult":{"interfaces":[]}"#, 7, noInterface, "isolated").with(\.isChained, false),
      Refusal(#""ingressPolicy":"isolated","prevResult":{"interfaces":[{"name":""}]}"#, 7, noInterface).with(\.isChained, false),
      Refusal(#""ingressPolicy":"same-bridge","prevResult":{"interfaces":[{"name":"a name/that no link has"}]}"#, 7, noInterface)
        .with(\.isChained, false),
    ]
    + ["ADD", "DEL", "CHECK", "GC", "STATUS"].map {
      Refusal(#""ingressPolicy":"closed""#, 7, "unknown ingress policy: \"closed\"").with(\.command, $0)
    } + [
      Refusal(#""ingressPolicy":"Open""#, 7, "unknown ingress policy: \"Open\""),
      Refusal(#""ingressPolicy":"same-bridge ""#, 7, "unknown ingress policy"),
      Refusal(#""ingressPolicy":true"#, 6, "field ingressPolicy", "a string", "true"),
      Refusal(#""ingressPolicy":["open"]"#, 6, "field ingressPolicy", "a string"),
      Refusal(#""backend":"pf""#, 7, "field backend", "iptables, nftables or firewalld", "\"pf\""),
      Refusal(#""backend":"pf""#, 7, "field backend").with(\.command, "DEL"), Refusal(#""backend":1"#, 6, "field backend", "a string", "1"),
      Refusal(#""backend":"firewalld""#, 999, "backend firewalld is configured, but firewalld is not running"),
      Refusal(#""backend":"firewalld""#, 50, "firewalld is not running").with(\.command, "STATUS"),
      Refusal(#""backend":"firewalld""#, 999, "table inet swift_cni is missing").with(\.command, "CHECK"),
      Refusal(#""firewalldZone":{}"#, 6, "field firewalldZone", "a string"),
      Refusal(#""runtimeConfig":{"links":5}"#, 6, "runtimeConfig.links", "an array"),
      Refusal(#""runtimeConfig":{"links":[{"ports":[]}]}"#, 7, "runtimeConfig.links[0].containerID", "missing"),
      Refusal(#""runtimeConfig":{"links":[{"containerID":"a/b"}]}"#, 7, "runtimeConfig.links[0].containerID", "a/b"),
      Refusal(
        #""runtimeConfig":{"links":[{"containerID":"a","ports":[{"port":0}]}]}"#, 7, "runtimeConfig.links[0].ports[0].port", "1 to 65535"),
      Refusal(
        #""runtimeConfig":{"links":[{"containerID":"a","ports":[{"port":1,"protocol":"x"}]}]}"#, 7, "ports[0].protocol", "tcp, udp or sctp"),
      Refusal(#""capabilities":{"links":7}"#, 6, "capabilities.links", "7").with(\.command, "CHECK"),
      Refusal(#""iptablesAdminChainName":9"#, 6, "field iptablesAdminChainName", "a string", "9"),
      Refusal(#""ingressPolicy":"open","ingressPolicy":"open""#, 6, "error unmarshall network config", "duplicated"),
      Refusal("{", 6, "error unmarshall network config"), Refusal("[]", 6, "expected an object"),
      Refusal(#"{"cniVersion":"0.3.1","name":"net","type":"firewall"}"#, 1, "incompatible CNI versions", "0.4.0"),
      Refusal(#"{"cniVersion":"1.1.0","type":"firewall"}"#, 7, "missing network name"),
      Refusal(#"{"cniVersion":"1.1.0","name":"../net","type":"firewall"}"#, 7, "invalid characters found in network name", "../net"),
      Refusal("", 4, "interface name contains / or :").with(\.interfaceName, "eth/0"),
      Refusal(#""cni.dev/valid-attachments":{}"#, 6, "cni.dev/valid-attachments", "an array").with(\.command, "GC"),
      Refusal(#""cni.dev/valid-attachments":[{"containerID":7}]"#, 6, "cni.dev/valid-attachments[0].containerID").with(\.command, "GC"),
    ]

  @Test("what cannot be, with the right code and words, and creates nothing", arguments: rows)
  func refuses(row: Refusal) throws {
    let runner = try PluginRunner(), container = try TestNamespace(), before = try world()
    let previous: JSONValue = ["interfaces": [["name": "cni0"]], "ips": [["address": "10.0.0.2/24"]]]
    try row.expect(of: "firewall", from: runner, in: container, after: previous)
    #expect(try world().filter { !$0.hasPrefix("table") } == before)
  }

  private func world() throws -> [String] {
    try [FileSystem.isFolder("/run/cni") ? Command.run("find /run/cni -type f").text : "", Command.run("ip -o link").text]
      + Command.run("nft -j list ruleset").json["nftables"].elements.filter { $0["set"]["elem"] != nil || $0["map"]["elem"] != nil }.map(
        \.text)
  }
}
