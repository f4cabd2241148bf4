import CNI
import JSON
import Linux
import Testing

@Suite("The result cache")
struct ResultCacheTests {
  private let folder: TemporaryFolder
  private var cache: ResultCache { ResultCache(folder["var/results"]) }

  init() throws { folder = try TemporaryFolder() }

  private func entry(_ network: String = "n", _ containerID: String = "c1", configuration: String = "") -> CachedAttachment {
    CachedAttachment(
      network: network, request: AttachmentRequest(containerID: containerID, interfaceName: "eth0", networkNamespacePath: "/run/netns/x"),
      configuration: Array(configuration.utf8))
  }

  @Test("writes what the common library writes")
  func format() throws {
    var request = AttachmentRequest(containerID: "c1", interfaceName: "eth0", networkNamespacePath: "/run/netns/x")
    request.arguments = [.init("A", "1"), .init("B", "")]
    request.capabilityValues = JSONObject([("ips", ["10.0.0.5"])])
    var entry = CachedAttachment(network: "n", request: request, configuration: Array(#"{"name":"n"}"#.utf8))
    entry.result = JSONObject([("cniVersion", "1.0.0")])
    try cache.store(entry)
    let text = #"""
      {"kind":"cniCacheV1","containerId":"c1","config":"eyJuYW1lIjoibiJ9","ifName":"eth0","networkName":"n","netns":"/run/netns/x",\#
      "cniArgs":[["A","1"],["B",""]],"capabilityArgs":{"ips":["10.0.0.5"]},"result":{"cniVersion":"1.0.0"}}
      """#
    #expect(try folder.read("var/results/n-c1-eth0") == text)
    #expect(try cache.entry(of: entry.attachment) == entry)
  }

  @Test("reads configurations of every length back", arguments: 0..<10)
  func configuration(length: Int) throws {
    let entry = entry(configuration: String("\u{FF}~?>{}\u{3FF}ab".prefix(length)))
    try cache.store(entry)
    #expect(try cache.entry(of: entry.attachment) == entry)
  }

  @Test("reads the bare result that old runtimes wrote")
  func legacy() throws {
    try folder.write("var/results/n-c1-eth0", #"{"cniVersion":"0.4.0","ips":[]}"#)
    #expect(try cache.entry(of: entry().attachment)?.result?["cniVersion"] == "0.4.0")
  }

  @Test("replaces and forgets entries")
  func replace() throws {
    var entry = entry()
    try cache.store(entry)
    entry.result = JSONObject()
    try cache.store(entry)
    #expect(try cache.entry(of: entry.attachment)?.result == JSONObject())
    try cache.remove(entry.attachment)
    try cache.remove(entry.attachment)
    #expect(try cache.entry(of: entry.attachment) == nil)
    #expect(try FileSystem.names(in: cache.path) == [])
  }

  @Test("does not mix attachments whose files have the same name")
  func sameName() throws {
    try cache.store(entry("a", "b-c"))
    let other = entry("a-b", "c")
    #expect(try cache.entry(of: other.attachment) == nil)
    let error = #expect(throws: CNIError.self) { try cache.store(other) }
    #expect(error?.message == "the result cache already holds a/b-c/eth0 under the name of a-b/c/eth0")
    try cache.remove(other.attachment)
    #expect(try cache.entry(of: entry("a", "b-c").attachment) != nil)
    #expect(try cache.entries(of: "a").count == 1)
    #expect(try cache.entries(of: "a-b") == [])
  }

  @Test("lists a network's entries and leaves other files alone")
  func entries() throws {
    #expect(try cache.entries(of: "n") == [])
    try cache.store(entry("n", "c2"))
    try cache.store(entry("n", "c1"))
    try cache.store(entry("m", "c1"))
    try folder.write("var/results/n-torn-eth0", #"{"kind":"#)
    try folder.write("var/results/n-legacy-eth0", #"{"cniVersion":"0.4.0"}"#)
    try folder.write("var/results/n-broken-eth0", #"{"kind":"cniCacheV1","config":"?"}"#)
    #expect(try cache.entries(of: "n").map { $0.request.containerID } == ["c1", "c2"])
    #expect(try FileSystem.names(in: cache.path).count == 6)
  }

  @Test(
    "says what is wrong with a file that is no entry",
    arguments: [
      "", "[]", "{", #"{"kind":"x"}"#, #"{"kind":"cniCacheV1","config":"a"}"#, #"{"kind":"cniCacheV1","config":"====","cniArgs":[["a"]]}"#,
    ])
  func torn(text: String) throws {
    try folder.write("var/results/n-c1-eth0", text)
    let error = #expect(throws: CNIError.self) { try cache.entry(of: entry().attachment) }
    #expect(error?.code == .decoding || error?.code == .invalidConfiguration)
  }
}
