internal import Addresses
internal import CNI
internal import HostRules
internal import Inspection
internal import InterfaceSetup
internal import Linux
internal import Routing

/// What lives on the host. Something lives as long as there is any sign of it: a namespace that can be opened, a process that watches over it, a
/// link of the host that leads into another namespace, an address on an interface. Only what has none is dead.
struct Liveness {
  let host: HostView
  /// Attachments on record that live, and those that do not.
  let living: [CachedAttachment]
  let dead: [CachedAttachment]
  /// The addresses of all interfaces of all namespaces.
  let addresses: Set<IPAddress>
  private let containers: Set<String>
  private let shortened: Set<String>

  /// Why nothing can be said to be dead; nil if it can.
  let obstacle: String?

  init(cache: ResultCache) throws {
    let host = try HostView(cache: cache)
    self.host = host
    var containers: Set<String> = []
    for namespace in host.namespaces.dropFirst() {
      containers.formUnion([namespace.owner.id, namespace.owner.name].compactMap { $0 })
      containers.formUnion(namespace.paths.compactMap { $0.split(separator: "/").last.map(String.init) })
    }
    // A veth goes with the namespace of its other end: one that leads elsewhere leads to something that lives.
    let away = host.host.links.filter { $0.kind == "veth" && $0.linkNamespaceID != nil }
    containers.formUnion(away.compactMap { HostInterface.owner(of: $0)?.containerID })
    let names = Set(away.map(\.name))
    var living: [CachedAttachment] = [], dead: [CachedAttachment] = []
    for entry in host.attachments {
      let path = entry.request.networkNamespacePath
      // Older records do not say where the namespace is.
      let hasNamespace = path.isEmpty || NetworkNamespace.exists(path)
      let lives = hasNamespace || containers.contains(entry.request.containerID) || entry.hostInterfaceNames.contains { names.contains($0) }
      if lives { living.append(entry) } else { dead.append(entry) }
    }
    containers.formUnion(living.map(\.request.containerID))
    self.containers = containers
    shortened = Set(containers.map { Liveness.part($0) })
    (self.living, self.dead) = (living, dead)
    var addresses = Set(host.namespaces.flatMap { $0.addresses.map(\.address.address) }), obstacle = Liveness.obstacle(host)
    for namespace in host.namespaces where namespace.problem != nil {
      let (more, failure) = Liveness.addresses(of: namespace)
      addresses.formUnion(more)
      obstacle = obstacle ?? failure
    }
    self.addresses = addresses
    self.obstacle = obstacle
  }

  /// Whether there is a sign of a container with this ID, as labels of our rules write it too.
  func lives(_ container: String) -> Bool { containers.contains(container) || shortened.contains(container) }

  /// How labels write an ID.
  private static func part(_ container: String) -> String {
    let parts = Owner(network: "-", containerID: container, interfaceName: "-").label.split(separator: "/")
    return parts.count == 3 ? String(parts[1]) : container
  }

  private static func obstacle(_ host: HostView) -> String? {
    // The first process of all is in no container.
    let hidden = host.hiddenProcesses - (host.isInitHidden ? 1 : 0)
    return hidden > 0 ? "\(hidden) processes did not say which network namespace they are in" : nil
  }

  /// Another attempt at a namespace that could not be read: the process by which it was known may have ended, or have been in another one at that
  /// moment. Nothing, without a failure, if it is gone.
  private static func addresses(of namespace: NamespaceView) -> (addresses: [IPAddress], failure: String?) {
    let paths = namespace.paths + namespace.processes.map { "/proc/\($0)/ns/net" }
    var failure: String?
    for path in (0..<100).flatMap({ _ in paths }) {
      do {
        if let addresses = try read(path, namespace.identity) { return (addresses, nil) }
      } catch {
        if let error = error as? SystemError, error.code == .noEntry || error.code == .noProcess { continue }
        failure = "the namespace \(path) could not be read: \(error)"
      }
    }
    return ([], failure)
  }

  /// The addresses in a namespace; nil if the path leads to another one.
  private static func read(_ path: String, _ identity: FileIdentity) throws -> [IPAddress]? {
    let namespace = try NetworkNamespace(path: path)
    guard try namespace.file.identity() == identity else { return nil }
    let found = try namespace.inside {
      var socket = try RouteSocket()
      return try socket.addresses()
    }
    return found.map(\.address.address)
  }
}
