internal import Addresses
internal import HostRules
internal import Linux
internal import Sockets

extension PortBinding {
  /// All bindings that a container's options ask for: `-p`, and with `-P` one for each exposed port that `-p` does not name.
  static func all(_ options: RunOptions, _ defaults: ImageDefaults) throws -> [PortBinding] {
    var bindings: [PortBinding] = []
    for text in options.publications {
      for binding in try parse(text) where !bindings.contains(binding) { bindings.append(binding) }
    }
    if options.publishesAll {
      for port in try ContainerPort.exposed(options, defaults) where !bindings.contains(where: { $0.containerPort == port }) {
        bindings.append(PortBinding(hostPorts: 0...0, containerPort: port))
      }
    }
    return bindings
  }

  /// Whether a port of the host has to be chosen.
  var isOpen: Bool { hostPorts.lowerBound == 0 || hostPorts.count > 1 }

  /// Gives each binding its port: the one that was asked for, or one that nobody listens on and no container has published. Between this and the
  /// publishing somebody else may take it.
  static func choose(_ bindings: [PortBinding]) throws -> [PublishedPort] {
    var chosen = bindings.filter { !$0.isOpen }.map { $0.published(at: $0.hostPorts.lowerBound) }
    if chosen.count == bindings.count { return chosen }
    var search = try FreePortSearch(taken: chosen)
    chosen = []
    for binding in bindings {
      chosen.append(binding.isOpen ? try search.next(binding) : binding.published(at: binding.hostPorts.lowerBound))
    }
    return chosen
  }

  /// With the port of the host that it got.
  func published(at port: UInt16) -> PublishedPort {
    PublishedPort(
      hostAddress: hostAddress?.description ?? "", hostPort: port, containerPort: containerPort.number,
      transport: containerPort.transport.rawValue)
  }
}

extension ContainerPort {
  /// What the options and the image expose, each port once, in order. A published port is an exposed one.
  static func exposed(_ options: RunOptions, _ defaults: ImageDefaults) throws -> [ContainerPort] {
    var ports = Set(try (options.exposedPorts + defaults.exposedPorts).flatMap { (text) throws(EngineError) in try exposed(text) })
    for text in options.publications { ports.formUnion(try PortBinding.parse(text).map(\.containerPort)) }
    return ports.sorted()
  }
}

/// Looks for ports of the host that are free.
private struct FreePortSearch: ~Copyable {
  private var taken: [PublishedPort]
  private var diagnostics: SocketDiagnostics
  private var rules: HostRules

  init(taken: [PublishedPort]) throws {
    let diagnostics = try SocketDiagnostics(), rules = try HostRules()
    self.taken = taken
    self.diagnostics = diagnostics
    self.rules = rules
  }

  /// A free port for a binding: the lowest of its range, or a random one of the range in which the kernel chooses ports itself.
  mutating func next(_ binding: PortBinding) throws -> PublishedPort {
    let isAny = binding.hostPorts.lowerBound == 0, range = isAny ? try FreePortSearch.localRange() : binding.hostPorts
    let start = isAny ? Int.random(in: 0..<range.count) : 0
    for step in 0..<range.count {
      let port = range.lowerBound + UInt16((start + step) % range.count)
      if try isFree(port, binding) {
        let published = binding.published(at: port)
        taken.append(published)
        return published
      }
    }
    throw EngineError(
      "all ports are allocated: no \(binding.containerPort.transport) port of \(range.lowerBound)-\(range.upperBound) is free",
      exitCode: 125)
  }

  private mutating func isFree(_ port: UInt16, _ binding: PortBinding) throws -> Bool {
    let transport = binding.containerPort.transport
    if taken.contains(where: { $0.hostPort == port && $0.transport == transport.rawValue }) { return false }
    if try !diagnostics.listeners(transport, ports: [port...port]).isEmpty { return false }
    return try rules.holder(transport, address: binding.hostAddress, port: port) == nil
  }

  /// 32768 to 60999 unless the administrator says otherwise.
  private static func localRange() throws -> ClosedRange<UInt16> {
    let numbers = try SysctlFolder("ipv4").read("ip_local_port_range").split { $0 == "\t" || $0 == " " }.compactMap { UInt16($0) }
    guard numbers.count == 2, numbers[0] > 0, numbers[0] <= numbers[1] else { return 32768...60999 }
    return numbers[0]...numbers[1]
  }
}
