internal import Addresses
internal import CNI
internal import Linux

/// A container's /etc/resolv.conf: what its options say, else what its networks give, else what the host has.
struct ResolverFile {
  /// The file's content.
  let text: String

  init(_ options: RunOptions, _ mode: NetworkMode, from networks: [DNSConfiguration]) throws(SystemError) {
    var servers = options.nameServers, search = options.searchDomains, resolverOptions = options.resolverOptions
    if servers.isEmpty { servers = networks.flatMap { $0.nameservers ?? [] } }
    if search.isEmpty { search = networks.flatMap { ($0.domain.map { [$0] } ?? []) + ($0.search ?? []) } }
    if resolverOptions.isEmpty { resolverOptions = networks.flatMap { $0.options ?? [] } }
    if servers.isEmpty || search.isEmpty || resolverOptions.isEmpty {
      let host = try HostResolver(localServers: mode == .host)
      if servers.isEmpty { servers = host.servers }
      if search.isEmpty { search = host.search }
      if resolverOptions.isEmpty { resolverOptions = host.options }
    }
    // "." alone asks for no search domain.
    search.removeAll { $0 == "." }
    var lines = servers.map { "nameserver \($0)" }
    if !search.isEmpty { lines.append("search \(search.joined(separator: " "))") }
    if !resolverOptions.isEmpty { lines.append("options \(resolverOptions.joined(separator: " "))") }
    text = lines.map { "\($0)\n" }.joined()
  }
}

/// The host's own resolver settings.
private struct HostResolver {
  var servers: [String] = []
  var search: [String] = []
  var options: [String] = []

  /// Reads /etc/resolv.conf. A server on the loopback interface is of no use to containers: they get those that a local resolver passes on to, if
  /// systemd-resolved says which, else none.
  init(localServers: Bool) throws(SystemError) {
    try read("/etc/resolv.conf")
    let isLocal = { (server: String) in IPAddress(server)?.isLoopback ?? false }
    if localServers || !servers.contains(where: isLocal) { return }
    if servers.allSatisfy(isLocal), FileSystem.isFolder("/run/systemd/resolve") {
      self = HostResolver()
      try read("/run/systemd/resolve/resolv.conf")
    }
    servers.removeAll(where: isLocal)
  }

  private init() {}

  private mutating func read(_ path: String) throws(SystemError) {
    for line in try (FileSystem.readIfPresent(path) ?? []).split(separator: UInt8(ascii: "\n")) {
      let words = String(decoding: line, as: UTF8.self).split { $0 == " " || $0 == "\t" }.map { String($0) }
      switch words.first {
      case "nameserver": servers += words.dropFirst().prefix(1)
      case "search", "domain": search = Array(words.dropFirst())
      case "options": options += words.dropFirst()
      default: break
      }
    }
  }
}
