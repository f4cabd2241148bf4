internal import Addresses
internal import CNI
internal import Glibc
internal import Linux

extension ContainerNetworking {
  /// The files to bind into the container, and where; those of the other container if it shares that one's network.
  public func files() throws -> [(source: String, target: String)] {
    let folder = containers.places.container(try sharedContainer()?.id ?? record.id)
    return ["hosts", "hostname", "resolv.conf"].map { ("\(folder)/\($0)", "/etc/\($0)") }
  }

  /// The container whose network namespace this one lives in, with `--network container:NAME`.
  public func sharedContainer() throws -> ContainerRecord? {
    guard case .container(let name) = try NetworkMode(record.options.networks) else { return nil }
    return try containers.find(name)
  }

  /// The host name that the container gets: `--hostname`, else the short ID; of the host, or of the other container if it shares theirs.
  public func hostName() throws -> String {
    if let name = record.options.hostName { return name }
    switch try NetworkMode(record.options.networks) {
    case .networks, .none: return record.shortID
    case .host:
      var name = [CChar](repeating: 0, count: 65)
      guard gethostname(&name, name.count - 1) == 0 else { throw SystemError(.last, "read the host's name") }
      return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    case .container(let other): return try ContainerNetworking(containers.find(other), in: containers).hostName()
    }
  }

  /// Writes the three files; before the container's root is mounted, without addresses, which `attach` adds.
  public func writeFiles() throws {
    let mode = try NetworkMode(record.options.networks)
    if case .container = mode { return }
    let folder = try Folder(containers.places.container(record.id))
    var hosts = HostsFile.base
    if mode == .host, let content = try FileSystem.readIfPresent("/etc/hosts") { hosts = String(decoding: content, as: UTF8.self) }
    if !hosts.hasSuffix("\n") { hosts += "\n" }
    for text in record.options.additionalHosts {
      let (name, address) = try NameSettings.additionalHost(text)
      // Where the host is, is known when the container is attached.
      if let address { hosts += "\(address)\t\(name)\n" }
    }
    try folder.overwrite("hosts", content: Array(hosts.utf8))
    try folder.overwrite("hostname", content: Array("\(hostName())\n".utf8))
    try folder.overwrite("resolv.conf", content: Array(ResolverFile(record.options, mode, from: []).text.utf8))
  }

  /// Completes the files with what the networks gave.
  func completeFiles(_ attached: [AttachedNetwork], _ dns: [DNSConfiguration]) throws {
    let own = HostsFile(folder: containers.places.container(record.id))
    var lines: [String] = [], hostName = try hostName()
    if let domain = record.options.domainName, !domain.isEmpty { hostName = "\(hostName).\(domain) \(hostName)" }
    for network in attached {
      let names = network.network == NetworkStore.defaultName ? [hostName] : [hostName, record.name] + network.aliases
      lines += HostsFile.lines(network.addresses, names)
    }
    let gateways = attached.first { !$0.gateways.isEmpty }?.gateways ?? []
    for text in record.options.additionalHosts {
      let (name, address) = try NameSettings.additionalHost(text)
      if address == nil { lines += HostsFile.lines(gateways, [name]) }
    }
    try own.replace("berth", with: lines)
    if dns.contains(where: { !$0.isEmpty }) {
      let folder = try Folder(containers.places.container(record.id))
      try folder.overwrite("resolv.conf", content: Array(ResolverFile(record.options, .networks, from: dns).text.utf8))
    }
  }
}
