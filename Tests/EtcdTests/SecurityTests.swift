import Etcd
import Linux
import Overlay
import OverlayControl
import TestSupport
import Testing

@Suite("etcd: who we are", .networkNamespace, .withinTheWholeRun)
struct SecurityTests {
  @Test("a user with a password may do what its role allows, and gets a new token when etcd has forgotten the old one")
  func password() async throws {
    let etcd = try SecurityTests.withUsers()
    var configuration = try etcd.configuration()
    configuration.user = "overlay"
    configuration.password = "secret"
    let store = try EtcdStore(configuration), listener = Listener(store)
    #expect(try await listener.contents() == StoreContents())
    try await store.claim(Hosts.lease(3), replacing: nil)
    try await listener.change(.put(Hosts.lease(3)))
    // A change of the users makes all tokens worthless.
    try etcd.control("user", "add", "another:secret")
    try await store.claim(Hosts.lease(4), replacing: nil)
    try await listener.change(.put(Hosts.lease(4)))
    // So does a new start.
    etcd.stop(0)
    _ = try await listener.failure()
    try etcd.start(0)
    try etcd.control("get", "/ready")
    try await store.claim(Hosts.lease(5), replacing: nil)
    try await listener.change(.put(Hosts.lease(5)))
    let elsewhere = try EtcdStore(configuration, prefix: "/elsewhere")
    let denied = await #expect(throws: StoreError.self) { try await elsewhere.contents() }
    #expect(denied == .refused("etcd http://127.0.0.1:2379: the user may not do this (permission denied)"))
  }

  @Test("a wrong password, and none, are refused in one line")
  func wrongPassword() async throws {
    let etcd = try SecurityTests.withUsers()
    var configuration = try etcd.configuration()
    configuration.user = "overlay"
    configuration.password = "wrong"
    let store = try EtcdStore(configuration)
    let wrong = await #expect(throws: StoreError.self) { try await store.contents() }
    #expect(wrong == .refused("etcd http://127.0.0.1:2379: wrong user or password"))
    let listener = Listener(store)
    #expect(try await listener.failure() == "etcd http://127.0.0.1:2379: wrong user or password")
    let anonymous = try EtcdStore(try etcd.configuration())
    let none = await #expect(throws: StoreError.self) { try await anonymous.contents() }
    #expect(none == .refused("etcd http://127.0.0.1:2379: it wants a user and a password, or a certificate with a name"))
  }

  @Test("the name in a client certificate is the user")
  func certificateName() async throws {
    let certificates = try Certificates()
    try certificates.make("server", commonName: "etcd")
    try certificates.make("root", commonName: "root")
    try certificates.make("overlay", commonName: "overlay")
    let etcd = try SecurityTests.withCertificates(
      certificates, as: "root", options: ["--client-cert-auth", "--trusted-ca-file", certificates.authority])
    try SecurityTests.addUsers(etcd)
    var configuration = try etcd.configuration()
    configuration.authorityFile = certificates.authority
    configuration.certificateFile = certificates.certificate("overlay")
    configuration.keyFile = certificates.key("overlay")
    let store = try EtcdStore(configuration), listener = Listener(store)
    #expect(try await listener.contents() == StoreContents())
    try await store.claim(Hosts.lease(3), replacing: nil)
    try await listener.change(.put(Hosts.lease(3)))
    let elsewhere = try EtcdStore(configuration, prefix: "/elsewhere")
    let denied = await #expect(throws: StoreError.self) { try await elsewhere.contents() }
    #expect(denied == .refused("etcd https://127.0.0.1:2379: the user may not do this (permission denied)"))
  }

  @Test("a certificate of etcd's that has expired is named with its date, and once it is renewed all goes on")
  func serverExpired() async throws {
    let certificates = try Certificates()
    try certificates.make("server", commonName: "etcd", days: -1)
    let program = try EtcdServers(
      scheme: "https", options: SecurityTests.serverOptions(certificates),
      clientOptions: ["--insecure-transport=false", "--insecure-skip-tls-verify"])
    var configuration = try program.configuration()
    configuration.authorityFile = certificates.authority
    let store = try EtcdStore(configuration), listener = Listener(store)
    let words = try await listener.failure()
    #expect(
      words.wholeMatch(of: /etcd https:\/\/127.0.0.1:2379: its certificate has expired on \d{4}-\d\d-\d\d \d\d:\d\d UTC/) != nil, "\(words)"
    )
    // etcd reads its certificate again for each connection.
    try certificates.make("server", commonName: "etcd")
    #expect(try await listener.contents() == StoreContents())
  }

  @Test("an authority that has not signed etcd's certificate is named")
  func wrongAuthority() async throws {
    let certificates = try Certificates(), others = try Certificates("/run/others")
    try certificates.make("server", commonName: "etcd")
    let etcd = try SecurityTests.withCertificates(certificates)
    var configuration = try etcd.configuration()
    configuration.authorityFile = others.authority
    let store = try EtcdStore(configuration)
    let words = await #expect(throws: StoreError.self) { try await store.contents() }
    #expect(words == .refused("etcd https://127.0.0.1:2379: its certificate is not signed by /run/others/ca.pem"))
  }

  @Test("our own certificate: missing, expired, of another authority, or not there")
  func clientCertificate() async throws {
    let certificates = try Certificates(), others = try Certificates("/run/others")
    try certificates.make("server", commonName: "etcd")
    try certificates.make("root", commonName: "root")
    try certificates.make("old", commonName: "overlay", days: -1)
    try others.make("stranger", commonName: "overlay")
    let etcd = try SecurityTests.withCertificates(
      certificates, as: "root", options: ["--client-cert-auth", "--trusted-ca-file", certificates.authority])
    func words(_ certificate: String?, _ key: String?) async throws -> String {
      var configuration = try etcd.configuration()
      configuration.authorityFile = certificates.authority
      (configuration.certificateFile, configuration.keyFile) = (certificate, key)
      let store = try EtcdStore(configuration)
      return (await #expect(throws: StoreError.self) { try await store.contents() })?.description ?? ""
    }
    for (certificate, key) in [(nil, nil), (others.certificate("stranger"), others.key("stranger"))] {
      let refusal = try await words(certificate, key)
      #expect(refusal == "etcd https://127.0.0.1:2379: it does not accept our certificate (bad certificate)", "\(refusal)")
    }
    let old = certificates.certificate("old")
    #expect(try await words(old, certificates.key("old")).hasPrefix("etcd: our certificate \(old) has expired on "))
    #expect(try await words("/run/none.pem", certificates.key("old")).contains("/run/none.pem"))
    #expect(try await words(old, nil) == "etcd: the certificate \(old) is of no use without its key")
    #expect(
      try await words(certificates.key("old"), certificates.key("old")) == "etcd: \(certificates.key("old")) holds no certificate in PEM")
  }

  @Test("plain http to a member that speaks TLS, and TLS to one that does not, end with one line")
  func mixedUp() async throws {
    let certificates = try Certificates()
    try certificates.make("server", commonName: "etcd")
    let etcd = try EtcdServers()
    var configuration = EtcdConfiguration(endpoints: [try EtcdEndpoint("https://127.0.0.1:2379").required])
    configuration.authorityFile = certificates.authority
    let store = try EtcdStore(configuration)
    let error = await #expect(throws: StoreError.self) { try await store.contents() }
    #expect(error?.description.hasPrefix("etcd https://127.0.0.1:2379: ") == true && error?.description.contains("\n") == false)
    withExtendedLifetime(etcd) {}
  }

  private static func serverOptions(_ certificates: Certificates) -> [String] {
    ["--cert-file", certificates.certificate("server"), "--key-file", certificates.key("server")]
  }

  private static func withCertificates(_ certificates: Certificates, as user: String? = nil, options: [String] = []) throws -> EtcdServers {
    let identity = user.map { ["--cert", certificates.certificate($0), "--key", certificates.key($0)] } ?? []
    return try EtcdServers(
      scheme: "https", options: serverOptions(certificates) + options, clientOptions: ["--cacert", certificates.authority] + identity)
  }

  /// One member that wants a user; etcdctl is root.
  private static func withUsers() throws -> EtcdServers {
    let etcd = try EtcdServers()
    try addUsers(etcd)
    etcd.clientOptions = ["--user", "root:secret"]
    return etcd
  }

  private static func addUsers(_ etcd: EtcdServers) throws {
    for user in ["root", "overlay"] { try etcd.control("user", "add", "\(user):secret") }
    try etcd.control("user", "grant-role", "root", "root")
    try etcd.control("role", "add", "overlay")
    try etcd.control("role", "grant-permission", "overlay", "--prefix=true", "readwrite", "/coreos.com/network/")
    try etcd.control("user", "grant-role", "overlay", "overlay")
    try etcd.control("auth", "enable")
  }
}
