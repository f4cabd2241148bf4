internal import ArgumentParser
internal import CNI
internal import Glibc
internal import JSON
internal import Linux
internal import Wording

/// Which network, which plugins, and how much to tell.
struct CNIOptions: ParsableArguments {
  @Option(name: .long, help: "The folders with the plugins, with colons between them; CNI_PATH in the environment does the same.")
  var path: String?
  @Option(name: .long, help: "The folder with the network configurations; NETCONFPATH in the environment does the same.") var conf: String?
  @Option(name: .long, help: "The folder of the result cache.") var cache = ResultCache.defaultPath
  @Flag(name: [.short, .long], help: "Show what each plugin got on its standard input and what it printed.") var verbose = false
  @Flag(name: .long, help: "No colours.") var noColor = false

  var terminal: Terminal { Terminal(withoutColor: noColor) }

  /// A runtime that tells on the standard error of every plugin it runs.
  var runtime: Runtime {
    var runtime = Runtime(
      pluginPath: PluginPath(path ?? CNIOptions.variable("CNI_PATH") ?? "/opt/cni/bin:/usr/lib/cni"), cache: ResultCache(cache))
    let isVerbose = verbose
    runtime.observer = { CNIOptions.tell($0, isVerbose) }
    return runtime
  }

  /// The network that a word names: a file, or a name in the folder of configurations.
  func network(_ word: String) throws -> NetworkList {
    if word.contains("/") || word.hasSuffix(".conflist") || word.hasSuffix(".conf") { return try NetworkFolder.list(at: word) }
    let folder = NetworkFolder(conf ?? CNIOptions.variable("NETCONFPATH") ?? "/etc/cni/net.d")
    let (lists, faults) = try folder.networks()
    if let list = lists.first(where: { $0.name == word }) { return list }
    for fault in faults { Terminal.write("\(Terminal.plain(fault.description))\n", to: STDERR_FILENO) }
    let near = NearMatches.sentence(for: word, among: lists.map(\.name))
    throw Problem("no network is called \(Terminal.plain(word)) in \(folder.path)\(near)", .usage)
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).flatMap { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// One line for each plugin: `bridge ADD 4.1 ms`; the whole conversation if that is wanted.
  private static func tell(_ run: PluginRun, _ isVerbose: Bool) {
    let tenths = (run.nanoseconds + 50_000) / 100_000
    var text = "\(run.type) \(run.command.rawValue) \(tenths / 10).\(tenths % 10) ms"
    if case .failure(let error) = run.outcome { text += ": error \(error.code.rawValue): \(Terminal.plain(error.description))" }
    if isVerbose {
      text += "\n" + excerpt("got", run.input)
      if case .success(let output) = run.outcome, !output.isEmpty { text += excerpt("printed", output) }
    }
    Terminal.write(text.hasSuffix("\n") ? text : text + "\n", to: STDERR_FILENO)
  }

  private static func excerpt(_ title: String, _ bytes: [UInt8]) -> String {
    let text = (try? JSONValue(parsing: bytes))?.indented() ?? Terminal.plain(String(decoding: bytes, as: UTF8.self))
    return "  \(title):\n" + text.split(separator: "\n").map { "    \($0)\n" }.joined()
  }
}

/// Which attachment.
struct AttachmentOptions: ParsableArguments {
  @Option(name: .long, help: "The container's ID; one is made up for a new namespace.") var container: String?
  @Option(name: .long, help: "The interface's name in the container.") var ifname = "eth0"
  @Option(name: .long, help: "The container's network namespace: a file, a process ID, or a name in /run/netns.") var netns: String?
  @Option(name: .long, help: ArgumentHelp("A pair of CNI_ARGS; may be repeated.", valueName: "name=value")) var arg: [String] = []
  @Option(
    name: .long, help: ArgumentHelp("A capability's value as JSON; may be repeated.", valueName: "name=json")) var capability: [String] = []
  @Option(
    name: [.short, .long], help: ArgumentHelp("A published port; may be repeated.", valueName: "[ip:]host:container[/protocol]"))
  var publish: [String] = []

  /// The request for a container.
  func request(container: String, path: String) throws -> AttachmentRequest {
    var request = AttachmentRequest(containerID: container, interfaceName: ifname, networkNamespacePath: path)
    request.arguments = try arg.map {
      let parts = try AttachmentOptions.pair($0, "--arg")
      return AttachmentRequest.Argument(parts.0, parts.1)
    }
    for word in capability {
      let (name, text) = try AttachmentOptions.pair(word, "--capability")
      do { request.capabilityValues[name] = try JSONValue(parsing: Array(text.utf8)) } catch {
        throw Problem("--capability \(Terminal.plain(name)): expected JSON, got \(Terminal.plain(text)): \(error)", .usage)
      }
    }
    if !publish.isEmpty { request.capabilityValues["portMappings"] = .array(try publish.map { try AttachmentOptions.mapping($0) }) }
    return request
  }

  private static func pair(_ word: String, _ option: String) throws -> (String, String) {
    guard let sign = word.firstIndex(of: "="), sign != word.startIndex else {
      throw Problem("\(option): expected name=value, got \(Terminal.plain(word))", .usage)
    }
    return (String(word[..<sign]), String(word[word.index(after: sign)...]))
  }

  /// `127.0.0.1:8080:80/udp`, `[::1]:8080:80`
  private static func mapping(_ word: String) throws -> JSONValue {
    let wrong = Problem("--publish: expected [ip:]host:container[/protocol], got \(Terminal.plain(word))", .usage)
    let halves = word.split(separator: "/", omittingEmptySubsequences: false)
    var parts = halves[0].split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    guard halves.count <= 2, parts.count >= 2, let inside = UInt16(parts.removeLast()), let outside = UInt16(parts.removeLast()) else {
      throw wrong
    }
    var address = parts.joined(separator: ":")
    if address.hasPrefix("["), address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
    return [
      "hostPort": .integer(Int64(outside)), "containerPort": .integer(Int64(inside)),
      "protocol": .string(halves.count == 2 ? String(halves[1]) : "tcp"),
      "hostIP": .string(address),
    ]
  }
}
