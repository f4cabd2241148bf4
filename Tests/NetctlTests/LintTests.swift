import Linux
import TestSupport
import Testing

@Suite("netctl cni lint", .networkNamespace)
struct LintTests {
  @Test(
    "what is wrong is said with its line and column",
    arguments: [
      ("{\"cniVersion\": \"1.0.0\",\n \"name\" \"x\"}", ["2:11: error: ':' expected near '\"x\"'"]),
      ("[]", ["1:1: error: expected an object, got an array"]),
      (
        "{\"cniVersion\": \"1.0.0\", \"name\": \"x\",\n  \"plugins\": []}",
        ["2:3: error: field plugins: expected at least one plugin, but it is missing"]
      ),
      (
        "{\"cniVersion\": \"1.0.0\", \"name\": \"x\", \"plugins\": [\n{\"type\": \"bridge\",\n  \"isGateway\": 1}]}",
        ["3:3: error: plugins[0]: field isGateway: expected true or false, got an integer: 1"]
      ),
      (
        "{\"cniVersion\": \"1.0.0\", \"name\": \"x\", \"plugins\": [\n{\"type\": \"bridge\",\n \"hairpinMod\": true}]}",
        ["3:2: warning: plugin bridge has no key \"hairpinMod\" (did you mean hairpinMode?)"]
      ),
      (
        "{\"cniVersion\": \"1.0.0\", \"name\": \"x\", \"plugins\": [\n{\"type\": \"bridge\", \"IPAM\": {\"type\": \"host-local\",\n   \"subnet\": \"10.1.0.0/33\"}}]}",
        ["3:4: error: plugins[0]: field ipam.subnet: expected "]
      ),
      (
        "{\"cniVersion\": \"1.0.0\", \"name\": \"x\", \"plugins\": [{\"type\": \"bridge\"},\n {\"type\": \"portmap\", \"capabilities\": {\"portmapping\": true}}]}",
        ["2:39: warning: capabilities has no key \"portmapping\" (did you mean portMappings?)"]
      ),
      ("{\"cniVersion\": \"1.0.0\", \"name\": \"a/b\", \"plugins\": [{\"type\": \"loopback\"}]}", ["error: "]),
      (
        "{\"cniVersion\": \"1.0.0\", \"name\": \"x\", \"plugins\": [{\"type\": \"ipvlan\"}]}",
        ["1:51: warning: plugin ipvlan is not known here"]
      ),
      ("{\"cniVersion\": \"1.1.0\", \"name\": \"x\", \"plugins\": [{\"type\": \"loopback\"}]}", []),
    ])
  func findings(text: String, expected: [String]) throws {
    try FileSystem.replace("/run/a.conflist", content: Array(text.utf8))
    let output = try Command.attempt([Netctl.executable, "cni", "lint", "/run/a.conflist"])
    let lines = output.text.split(separator: "\n")
    if expected.isEmpty {
      #expect(output.status == 0 && lines == ["/run/a.conflist: fine"], "\(output)")
    } else {
      #expect(output.status == 1 && lines.count == expected.count, "\(output)")
      for (line, part) in zip(lines, expected) { #expect(line.contains(part), "\(output)") }
    }
  }
}
