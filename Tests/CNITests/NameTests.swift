import CNI
import Testing

@Suite("Names")
struct NameTests {
  @Test("of networks and containers follow the specification's pattern", arguments: ["a", "0", "a.b", "A-b_c.d", "a..", "cni-podman0"])
  func identifiers(text: String) { #expect(Identifier.isValid(text)) }

  @Test("of networks and containers are nothing else", arguments: ["", ".", "..", "-a", "_a", "a/b", "a b", "a\n", "é", "a\0"])
  func notIdentifiers(text: String) { #expect(!Identifier.isValid(text)) }

  @Test("of interfaces may hold what the kernel takes", arguments: ["e", "lo", "eth0.5", "...", "é", "abcdefghijklmno", "-", "a@b"])
  func interfaces(text: String) { #expect(InterfaceName.isValid(text)) }

  @Test("of interfaces are nothing else", arguments: ["", ".", "..", "abcdefghijklmnop", "a/b", "a:b", "a b", "a\u{2003}", "a\u{B}"])
  func notInterfaces(text: String) { #expect(!InterfaceName.isValid(text)) }

  @Test("of an attachment are one text that can be read back")
  func attachment() {
    let attachment = Attachment(network: "n.1", containerID: "c-2", interfaceName: "eth0.5")
    #expect(attachment.description == "n.1/c-2/eth0.5")
    #expect(Attachment(attachment.description) == attachment)
  }

  @Test(
    "of an attachment are not read from other texts",
    arguments: ["", "a/b", "a/b/c/d", "/b/c", "a//c", "a/b/", "../b/c", "a/b/..", "a b/c/d"])
  func notAttachment(text: String) { #expect(Attachment(text) == nil) }

  @Test("of versions are read as they are written", arguments: CNIVersion.allCases)
  func versions(version: CNIVersion) { #expect(CNIVersion(version.description) == version) }

  @Test("of versions are in order, and nothing else is a version")
  func versionOrder() {
    #expect(CNIVersion.allCases == CNIVersion.allCases.sorted())
    #expect(CNIVersion.allCases.map { $0.description } == ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"])
    #expect(CNIVersion("1.2.0") == nil)
    #expect(CNIVersion("1.1") == nil)
    #expect(CNIVersion.v040 < .v100)
  }

  @Test("of variables are matched whole, and the first one counts")
  func environment() {
    var environment = Environment(["AB=2", "A=1", "A=3", "broken", "E="])
    #expect(environment["A"] == "1")
    #expect(environment["AB"] == "2")
    #expect(environment["B"] == "")
    #expect(environment["broken"] == "")
    environment["A"] = "x=y"
    environment["N"] = "n"
    #expect(environment.entries == ["AB=2", "A=x=y", "A=3", "broken", "E=", "N=n"])
    #expect(environment["A"] == "x=y")
  }
}
