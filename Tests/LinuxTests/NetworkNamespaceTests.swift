import Linux
import TestSupport
import Testing

@Suite("Network namespaces", .networkNamespace)
struct NetworkNamespaceTests {
  @Test("each test has a namespace with nothing but a loopback interface", arguments: 1...4)
  func fresh(number: Int) throws {
    #expect(try Command.run("ip -o link").text.split(separator: "\n").count == 1)
    try Command.run("ip link add br\(number) type bridge")
  }

  @Test("a namespace can be opened by its path, entered and left")
  func entersAndLeaves() throws {
    let container = try TestNamespace()
    try container.run { try Command.run("ip link add inside type bridge") }
    let namespace = try NetworkNamespace(path: container.path), home = try NetworkNamespace.current()
    #expect(try !namespace.isSame(as: home))
    #expect(try namespace.inside { try Command.run("ip -o link").text }.contains("inside"))
    #expect(try !Command.run("ip -o link").text.contains("inside"))
  }

  @Test("a file that is no network namespace is refused", arguments: ["/etc/passwd", "/proc/self/ns/mnt", "/proc/self/ns/missing"])
  func refuses(path: String) { #expect(throws: SystemError.self) { _ = try NetworkNamespace(path: path) } }

  @Test("a sysctl folder keeps showing the namespace it was opened in")
  func sysctlFolder() throws {
    let container = try TestNamespace()
    let namespace = try NetworkNamespace(path: container.path)
    let folder = try namespace.inside { try SysctlFolder("ipv4/conf") }
    try folder.write("lo/forwarding", "1")
    #expect(try folder.read("lo/forwarding") == "1")
    #expect(try SysctlFolder().read("ipv4/conf/lo/forwarding") == "0")
    #expect(try container.run { try Command.run("cat /proc/sys/net/ipv4/conf/lo/forwarding").text } == "1\n")
  }
}
