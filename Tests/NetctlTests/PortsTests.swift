import Glibc
import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl ports", .networkNamespace)
struct PortsTests {
  @Test("published ports and listeners are shown with who can reach them, and one that has both is a conflict")
  func conflict() throws {
    let netctl = try Netctl(), name = try netctl.add("-p", "8080:80", "-p", "127.0.0.1:8081:81")
    #expect(try netctl.attempt("ports").status == 0)
    let server = OwnedFile(adopting: socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(8080).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    let bound = withUnsafeBytes(of: address) { bind(server.descriptor, $0.bindMemory(to: sockaddr.self).baseAddress, 16) }
    #expect(bound == 0 && listen(server.descriptor, 1) == 0)
    let output = try netctl.attempt("ports", "--json")
    #expect(output.status == 1)
    let ports = try output.json["ports"].elements
    let described = ports.map { "\($0["port"].text) \($0["exposure"].text) \($0["kind"].text) \($0["conflict"] == .null)" }
    #expect(
      described == [
        #""tcp 0.0.0.0:8080" "everyone" "published" false"#, #""tcp 127.0.0.1:8080" "localhost" "listening" false"#,
        #""tcp [::]:8080" "everyone" "published" true"#, #""tcp 127.0.0.1:8081" "localhost" "published" true"#,
      ])
    #expect(ports[0]["holder"] == .string("lab/\(name)/eth0") && ports[0]["leads_to"] == "10.88.0.2:80")
    // What another test has just started holds the socket too, until its exec.
    #expect(ports[1]["processes"].elements.contains { $0["pid"] == .integer(Int64(getpid())) })
  }

  @Test("ports that docker, netavark and the reference portmap publish are shown with their maker, and a clash with ours is a conflict")
  func foreign() throws {
    let netctl = try Netctl(), name = try netctl.add("-p", "8080:80")
    try Command.run("iptables -t nat -N DOCKER")
    try Command.run("iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER")
    try Command.run("iptables -t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 9090 -j DNAT --to-destination 10.88.0.2:90")
    try Command.run("iptables -t nat -A DOCKER -d 192.0.2.1/32 -p udp -m udp --dport 8080 -j DNAT --to-destination 10.88.0.9:80")
    let output = try netctl.attempt("ports", "--json"), ports = try output.json["ports"].elements
    #expect(output.status == 0, "UDP and TCP are different ports: \(output)")
    let found = try #require(ports.first { $0["port"] == "tcp 0.0.0.0:9090" })
    #expect(found["kind"] == "foreign" && found["leads_to"] == "10.88.0.2:90" && found["holder"] == "docker: ip nat DOCKER")
    let interface = try #require(try netctl.namespace(of: name))["interfaces"].elements[0]
    #expect(interface["ports"].elements.contains { $0["host_ports"] == [9090, 9090] && $0["maker"] == "docker" })
    #expect(try netctl.attempt("ps").text.contains("9090->90/tcp"))
    try Command.run("iptables -t nat -A DOCKER -p tcp -m tcp --dport 8080 -j DNAT --to-destination 10.88.0.9:80")
    let clash = try netctl.attempt("ports", "--json")
    #expect(clash.status == 1)
    let conflict = try #require(try clash.json["ports"].elements.first { $0["port"] == "tcp 0.0.0.0:8080" && $0["kind"] == "published" })
    #expect(conflict["conflict"] == "docker: ip nat DOCKER")
  }
}
