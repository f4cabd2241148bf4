import CNI
import Linux
import Testing

@Suite("A plugin's request")
struct PluginRequestTests {
  private func request(_ command: PluginCommand, _ configuration: String, _ variables: [String] = []) throws -> PluginRequest {
    let good = ["CNI_CONTAINERID=c1", "CNI_NETNS=/nowhere", "CNI_IFNAME=eth0", "CNI_PATH=/a::/b", "CNI_ARGS=IgnoreUnknown=1;MAC=x"]
    return try PluginRequest(
      command, environment: Environment(variables + good), input: Array(configuration.utf8), supported: CNIVersion.supported, plugins: [])
  }

  @Test("holds what the runtime said")
  func contents() throws {
    let request = try request(.add, #"{"cniVersion":"1.0.0","name":"n","type":"t","ipam":{"type":"i"},"dns":{"search":[]}}"#)
    #expect(request.attachment == Attachment(network: "n", containerID: "c1", interfaceName: "eth0"))
    #expect(request.networkNamespacePath == "/nowhere")
    #expect(request.pluginPath.folders == ["/a", "/b"])
    #expect(try request.arguments.values(known: ["MAC"]) == ["MAC": "x"])
    #expect(request.configuration.version == .v100)
    #expect(request.configuration.name == "n")
    #expect(request.configuration.type == "t")
    #expect(try request.configuration.ipamType() == "i")
    #expect(try request.configuration.dns() == DNSConfiguration(search: []))
    #expect(try request.configuration.previousResult() == nil)
  }

  @Test("lists the valid attachments of GC from both keys", arguments: ["cni.dev/valid-attachments", "cni.dev/attachments"])
  func validAttachments(key: String) throws {
    let list = #"[{"containerID":"a","ifname":"e0"},{"containerID":"b","ifname":"e1"}]"#
    let request = try request(.collectGarbage, #"{"cniVersion":"1.1.0","name":"n","\#(key)":\#(list)}"#)
    #expect(
      request.validAttachments == [
        Attachment(network: "n", containerID: "a", interfaceName: "e0"), Attachment(network: "n", containerID: "b", interfaceName: "e1"),
      ])
  }

  @Test("lists every attachment that either key of GC names", arguments: [#""cni.dev/valid-attachments":null"#, #""x":1"#])
  func absentAttachments(other: String) throws {
    #expect(try request(.collectGarbage, #"{"cniVersion":"1.1.0","name":"n",\#(other)}"#).validAttachments == [])
    let one = try request(
      .collectGarbage, #"{"cniVersion":"1.1.0","name":"n",\#(other),"cni.dev/attachments":[{"containerID":"a","ifname":"e"}]}"#)
    #expect(one.validAttachments.count == 1)
  }

  @Test("opens the container's namespace, or says which path is wrong")
  func namespace() throws {
    let here = try request(.add, #"{"name":"n"}"#, ["CNI_NETNS=/proc/self/ns/net", "CNI_NETNS_OVERRIDE=1"]).networkNamespace()
    #expect(try here.isSame(as: NetworkNamespace(path: "/proc/self/ns/net")))
    let missing = try request(.add, #"{"name":"n"}"#)
    let error = #expect(throws: CNIError.self) { _ = try missing.networkNamespace() }
    #expect(error?.message.hasPrefix(#"failed to open netns "/nowhere": "#) == true)
    #expect(error?.code == .inputOutput)
  }

  @Test(
    "takes a namespace that is gone for absent on DEL",
    arguments: ["", "/nowhere", "/etc/passwd", "/etc/passwd/x", "/proc/4194305/ns/net"])
  func absentNamespace(path: String) throws {
    let namespace = try request(.delete, #"{"name":"n"}"#, ["CNI_NETNS=\(path)"]).networkNamespaceIfPresent()
    // A namespace cannot be copied, which comparing it inside the macro would do.
    let isAbsent = if case .none = namespace { true } else { false }
    #expect(isAbsent)
  }
}
