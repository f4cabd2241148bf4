import Addresses
import CNI
import Glibc
import JSON
import Linux
import Testing

@Suite("Delegation")
struct DelegateTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Installs a delegate that writes down its command, its environment and its input, and answers with `reply` on ADD.
  private func install(_ type: String, reply: String, status: Int = 0) throws {
    try folder.write("reply", reply)
    try folder.install(
      "bin/\(type)",
      """
      #!/bin/sh
      echo "$CNI_COMMAND" >> '\(folder["commands"])'
      env | sort > '\(folder["environment"])'
      cat > '\(folder["input"])'
      if [ "$CNI_COMMAND" = ADD ]; then cat '\(folder["reply"])'; exit \(status); fi
      """)
  }

  private func request(
    _ command: PluginCommand = .add, type: String, version: String = "1.1.0", plugins: [any Plugin.Type] = []
  ) throws -> PluginRequest {
    let configuration = #"{ "cniVersion":"\#(version)", "name":"n", "unknown":1.50, "ipam":{"type":"\#(type)"} }"#
    let environment = [
      "PATH=/usr/bin:/bin", "CNI_COMMAND=\(command.rawValue)", "CNI_CONTAINERID=c1", "CNI_NETNS=/nowhere", "CNI_IFNAME=eth0",
      "CNI_PATH=/none:\(folder["bin"])", "CNI_ARGS=A=1", "TRACEPARENT=00-1-2-3",
    ]
    return try PluginRequest(
      command, environment: Environment(environment), input: Array(configuration.utf8), supported: CNIVersion.supported, plugins: plugins)
  }

  @Test("runs the plugin found in CNI_PATH with the same environment and the same bytes")
  func add() throws {
    try install("ipam", reply: #"{"ips":[{"address":"10.0.0.2/24"}],"dns":{"domain":"d"}}"#)
    let request = try request(type: "ipam")
    let result = try Delegate("ipam", for: request).addAddresses()
    #expect(result.addresses.map { $0.address.description } == ["10.0.0.2/24"])
    #expect(result.dns.domain == "d")
    #expect(try folder.read("input") == String(decoding: request.input, as: UTF8.self))
    let environment = try folder.read("environment").split(separator: "\n").map { String($0) }
    #expect(Set(request.environment.entries).subtracting(environment) == [])
  }

  @Test("reads a result in its own version, else in the configuration's", arguments: [#""cniVersion":"0.2.0","#, ""])
  func versions(stated: String) throws {
    try install("ipam", reply: #"{\#(stated)"ip4":{"ip":"10.0.0.2/24"}}"#)
    let result = try Delegate("ipam", for: try request(type: "ipam", version: stated.isEmpty ? "0.1.0" : "1.0.0")).add()
    #expect(result.addresses.map { $0.address.description } == ["10.0.0.2/24"])
  }

  @Test("passes the command on", arguments: [PluginCommand.delete, .check, .status, .collectGarbage])
  func commands(command: PluginCommand) throws {
    try install("ipam", reply: "")
    let delegate = try Delegate("ipam", for: try request(command, type: "ipam"))
    switch command {
    case .delete: try delegate.delete()
    case .check: try delegate.check()
    case .status: try delegate.status()
    default: try delegate.collectGarbage()
    }
    #expect(try folder.read("commands") == "\(command.rawValue)\n")
  }

  @Test("passes an error on unchanged, after a DEL")
  func error() throws {
    try install("ipam", reply: #"{"code":123,"msg":"no more","details":"at all"}"#, status: 3)
    let error = #expect(throws: CNIError.self) { try Delegate("ipam", for: try request(type: "ipam")).addAddresses() }
    #expect(error == CNIError(CNIErrorCode(rawValue: 123), "no more", details: "at all"))
    #expect(try folder.read("commands") == "ADD\nDEL\n")
  }

  @Test("says how a plugin ended that said nothing", arguments: [("", 1), ("panic: x", 2), (#"{"ips":[]}"#, 4)])
  func speechless(reply: String, status: Int) throws {
    try install("ipam", reply: reply, status: status)
    let error = #expect(throws: CNIError.self) { try Delegate("ipam", for: try request(type: "ipam")).add() }
    #expect(error?.message == "plugin ipam ended with status \(status) and no error object")
    #expect(error?.details == JSONValue.string(reply).text)
  }

  @Test("refuses what is no result, and undoes it", arguments: ["", "[]", #"{"ips":[{"address":"x"}]}"#, "{}{}"])
  func badResult(reply: String) throws {
    try install("ipam", reply: reply)
    let error = #expect(throws: CNIError.self) { try Delegate("ipam", for: try request(type: "ipam")).add() }
    #expect(error?.message.contains("result of ipam") == true)
    #expect(try folder.read("commands") == "ADD\nDEL\n")
  }

  @Test("refuses a result without an address, and undoes it")
  func noAddress() throws {
    try install("ipam", reply: #"{"cniVersion":"1.1.0"}"#)
    let error = #expect(throws: CNIError.self) { try Delegate("ipam", for: try request(type: "ipam")).addAddresses() }
    #expect(error?.message == "IPAM plugin returned missing IP config")
    #expect(try folder.read("commands") == "ADD\nDEL\n")
  }

  @Test("names a plugin that is not there, and the path", arguments: ["nope", "folder"])
  func missing(type: String) throws {
    try FileSystem.createFolders(folder["bin/folder"])
    let error = #expect(throws: CNIError.self) { _ = try Delegate(type, for: try request(type: type)) }
    #expect(error?.message == "failed to find plugin \"\(type)\" in path [/none:\(folder["bin"])]")
  }

  @Test("says that a file cannot be run")
  func notExecutable() throws {
    try folder.write("bin/ipam", "#!/bin/sh\n")
    let error = #expect(throws: CNIError.self) { try Delegate("ipam", for: try request(type: "ipam")).check() }
    #expect(error?.message == "run \(folder["bin/ipam"]): Permission denied")
    #expect(error?.code == .inputOutput)
  }

  @Test("runs a plugin of this executable in this process")
  func inProcess() throws {
    try FileSystem.createFolders(folder["bin"])
    #expect(symlink("/proc/self/exe", folder["bin/recent"]) == 0)
    let delegate = try Delegate("recent", for: try request(type: "recent", plugins: [SamplePlugin.self, RecentPlugin.self]))
    #expect(delegate.isInProcess)
    #expect(try delegate.addAddresses().addresses.count == 1)
    try delegate.delete()
    try delegate.check()
  }

  @Test("refuses in this process, too, a version that the plugin does not speak")
  func inProcessVersion() throws {
    try FileSystem.createFolders(folder["bin"])
    #expect(symlink("/proc/self/exe", folder["bin/recent"]) == 0)
    let delegate = try Delegate("recent", for: try request(type: "recent", version: "0.3.1", plugins: [RecentPlugin.self]))
    let error = #expect(throws: CNIError.self) { try delegate.add() }
    #expect(error?.message == "incompatible CNI versions")
  }

  @Test("runs as a process whatever is not this very executable, and whatever this executable does not hold")
  func otherProcess() throws {
    try install("recent", reply: "{}")
    #expect(!(try Delegate("recent", for: try request(type: "recent", plugins: [RecentPlugin.self])).isInProcess))
    #expect(symlink("/proc/self/exe", folder["bin/other"]) == 0)
    #expect(!(try Delegate("other", for: try request(type: "other", plugins: [RecentPlugin.self])).isInProcess))
  }
}
