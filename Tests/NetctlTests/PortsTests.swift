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
}
