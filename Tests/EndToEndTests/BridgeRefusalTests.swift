import JSON
import TestSupport
import Testing

@Suite("bridge: what it refuses", .networkNamespace)
struct BridgeRefusalTests {
  private static let rows: [Refusal] = [
    Refusal(#""bridge":7"#, 6, "field bridge: expected a string, got an integer"),
    Refusal(#""bridge":["cni0"]"#, 6, "field bridge: expected a string, got an array"),
    Refusal(#""bridge":"a/b""#, 7, "field bridge", "a/b"),
    Refusal(#""bridge":"a b""#, 7, "field bridge", "white space"),
    Refusal(#""bridge":"a:b""#, 7, "field bridge"),
    Refusal(#""bridge":"..""#, 7, "field bridge"),
    Refusal(#""bridge":"abcdefghijklmnop""#, 7, "field bridge", "15 bytes"),
    Refusal(#""bridge":"cni\u0000x""#, 6, "u0000"),
    Refusal(#""isGateway":"yes""#, 6, "field isGateway: expected true or false, got a string"),
    Refusal(#""isGateway":1"#, 6, "field isGateway: expected true or false, got an integer"),
    Refusal(#""isDefaultGateway":{}"#, 6, "field isDefaultGateway: expected true or false"),
    Refusal(#""forceAddress":"true""#, 6, "field forceAddress: expected true or false"),
    Refusal(#""ipMasq":0"#, 6, "field ipMasq: expected true or false"),
    Refusal(#""ipMasqBackend":"ebtables""#, 7, "unknown ipmasq backend \"ebtables\""),
    Refusal(#""ipMasqBackend":1"#, 6, "field ipMasqBackend: expected a string"),
    Refusal(#""mtu":"1500""#, 6, "field mtu: expected an integer, got a string"),
    Refusal(#""mtu":1500.5"#, 6, "field mtu"),
    Refusal(#""mtu":-1"#, 7, "field mtu: expected 0 or 68 to 65535", "-1"),
    Refusal(#""mtu":67"#, 7, "field mtu: expected 0 or 68 to 65535", "67"),
    Refusal(#""mtu":65536"#, 7, "field mtu: expected 0 or 68 to 65535", "65536"),
    Refusal(#""mtu":9223372036854775808"#, 6, "too big integer"),
    Refusal(#""hairpinMode":"on""#, 6, "field hairpinMode: expected true or false"),
    Refusal(#""promiscMode":[]"#, 6, "field promiscMode: expected true or false"),
    Refusal(#""hairpinMode":true,"promiscMode":true"#, 7, "cannot set hairpin mode and promiscuous mode at the same time."),
    Refusal(#""vlan":"5""#, 6, "field vlan: expected an integer"),
    Refusal(#""vlan":-1"#, 7, "invalid VLAN ID -1 (must be between 0 and 4094)"),
    Refusal(#""vlan":4095"#, 7, "invalid VLAN ID 4095 (must be between 0 and 4094)"),
    Refusal(#""vlanTrunk":5"#, 6, "field vlanTrunk: expected an array"),
    Refusal(#""vlanTrunk":[5]"#, 6, "field vlanTrunk[0]: expected an object"),
    Refusal(#""vlanTrunk":[{"id":0}]"#, 7, "incorrect trunk id parameter"),
    Refusal(#""vlanTrunk":[{"id":4095}]"#, 7, "incorrect trunk id parameter"),
    Refusal(#""vlanTrunk":[{"id":"5"}]"#, 6, "field vlanTrunk[0].id: expected an integer"),
    Refusal(#""vlanTrunk":[{"minID":0,"maxID":5}]"#, 7, "incorrect trunk minID parameter"),
    Refusal(#""vlanTrunk":[{"minID":5,"maxID":4095}]"#, 7, "incorrect trunk maxID parameter"),
    Refusal(#""vlanTrunk":[{"minID":7,"maxID":6}]"#, 7, "minID is greater than maxID in trunk parameter"),
    Refusal(#""vlanTrunk":[{"minID":7}]"#, 7, "minID and maxID should be configured simultaneously, maxID is missing"),
    Refusal(#""vlanTrunk":[{"maxID":7}]"#, 7, "minID and maxID should be configured simultaneously, minID is missing"),
    Refusal(#""preserveDefaultVlan":"no""#, 6, "field preserveDefaultVlan: expected true or false"),
    Refusal(#""macspoofchk":1"#, 6, "field macspoofchk: expected true or false"),
    Refusal(#""enabledad":"x""#, 6, "field enabledad: expected true or false"),
    Refusal(#""portIsolation":2"#, 6, "field portIsolation: expected true or false"),
    Refusal(#""disableContainerInterface":"x""#, 6, "field disableContainerInterface: expected true or false"),
    Refusal(#""disableContainerInterface":true"#, 7, "cannot use IPAM when DisableContainerInterface flag is set"),
    Refusal(#""runtimeConfig":{"mac":"zz"}"#, 7, "runtimeConfig.mac", "zz"),
    Refusal(#""runtimeConfig":{"mac":"01:00:5e:00:00:01"}"#, 7, "runtimeConfig.mac", "01:00:5e:00:00:01"),
    Refusal(#""runtimeConfig":{"mac":"00:00:00:00:00:00"}"#, 7, "runtimeConfig.mac"),
    Refusal(#""runtimeConfig":{"mac":"02:00:00:00:00"}"#, 7, "runtimeConfig.mac"),
    Refusal(#""runtimeConfig":{"mac":5}"#, 6, "runtimeConfig.mac"),
    Refusal(#""args":{"cni":{"mac":"ff:ff:ff:ff:ff:ff"}}"#, 7, "args.cni.mac"),
    Refusal(#""mtu":1500"#, 7, "CNI_ARGS MAC").with(\.arguments, "MAC=nonsense"),
    Refusal(#""mtu":1500"#, 4, "ARGS").with(\.arguments, "COLOUR=red"),
    Refusal(#""dns":"1.1.1.1""#, 6, "field dns: expected an object"),
    Refusal(#""dns":{"nameservers":"1.1.1.1"}"#, 6, "field dns.nameservers: expected an array"),
  ]

  @Test("every malformed configuration gets one error that names the field and the value, and nothing is made", arguments: rows)
  func refuses(row: Refusal) throws {
    let runner = try PluginRunner(), container = try TestNamespace()
    let before = try World(container: container)
    var row = row.with(\.isChained, false)
    row.keys += #","ipam":{"type":"host-local","subnet":"10.88.0.0/16"}"#
    try row.expect(of: "bridge", from: runner, in: container, after: nil)
    #expect(try World(container: container).changes(since: before).isEmpty)
  }

  @Test("an attachment whose name is longer than an interface can carry is refused, with the limit")
  func longNames() throws {
    var runner = try PluginRunner()
    runner.containerID = String(repeating: "c", count: 300)
    let container = try TestNamespace(), before = try World(container: container)
    let output = try runner.run("ADD", BridgeNetwork.dualStack, in: container)
    #expect(try output.status == 1 && output.json["msg"].string.contains("255"), "\(output)")
    #expect(try World(container: container).changes(since: before).isEmpty)
    try runner.expect("DEL", BridgeNetwork.dualStack, in: container)
  }
}
