internal import Addresses
public import CNI
internal import Conntrack
internal import Glibc
internal import HostLocalPlugin
internal import HostRules
internal import Inspection
internal import InterfaceSetup
internal import IPAM
internal import Linux
internal import Routing

/// Finds what containers that are gone have left: of ours, of the reference plugins, and of nerdctl. Changes nothing.
public struct GarbageSearch {
  /// What was found, in an order in which it can be removed.
  public private(set) var found: [Garbage] = []
  /// What could not be looked at, a sentence each.
  public private(set) var problems: [String] = []
  /// How many things are too young to be judged.
  public private(set) var tooYoung = 0

  let liveness: Liveness
  let cache: ResultCache
  private let minimumAge: Int
  private let now = time(nil)
  /// Addresses that were a dead container's.
  private var deadAddresses: Set<IPAddress> = []
  /// Whose addresses were.
  private(set) var formerOwners: [IPAddress: String] = [:]

  /// Why nothing can be said to be dead.
  public struct Obstacle: Error, CustomStringConvertible {
    /// One sentence.
    public let description: String
  }

  /// Looks at the host that the calling thread's network namespace belongs to. What is younger than `minimumAge` seconds may belong to a container
  /// that is just being made, and is left alone.
  public init(cache: ResultCache = ResultCache(), minimumAge: Int) throws {
    self.cache = cache
    self.minimumAge = minimumAge
    liveness = try Liveness(cache: cache)
    if let obstacle = liveness.obstacle { throw Obstacle(description: obstacle) }
    attempt("rules") { try $0.searchRules() }
    attempt("links") { try $0.searchLinks() }
    attempt("reservations") { try $0.searchLeases() }
    attempt("records") { try $0.searchRecords() }
    // Some of them name only addresses: whose those were is known by now.
    attempt("others' rules") { try $0.searchForeignRules() }
    attempt("namespaces") { try $0.searchNames() }
    attempt("files") { try $0.searchFiles() }
    attempt("tracked connections") { try $0.searchConnections() }
    let order = Garbage.Kind.allCases
    found = found.enumerated().sorted {
      (order.firstIndex(of: $0.element.kind) ?? 0, $0.offset) < (order.firstIndex(of: $1.element.kind) ?? 0, $1.offset)
    }.map { $0.element }
  }

  private mutating func attempt(_ what: String, _ search: (inout GarbageSearch) throws -> Void) {
    do { try search(&self) } catch { problems.append("\(what): \(error)") }
  }

  mutating func note(_ problem: String) { problems.append(problem) }

  mutating func add(_ garbage: Garbage) {
    if let age = garbage.age, age < minimumAge { tooYoung += 1 } else { found.append(garbage) }
  }

  mutating func bury(_ addresses: [IPAddress]) { deadAddresses.formUnion(addresses.filter { !liveness.addresses.contains($0) }) }

  /// The seconds since a file was written; nil if it is not there.
  func age(of path: String) -> Int? {
    var status = stat()
    return lstat(path, &status) == 0 ? max(0, now - status.st_mtim.tv_sec) : nil
  }

  /// The elements of our table whose container shows no sign of life, and whose addresses no interface has.
  private mutating func searchRules() throws {
    var rules = try HostRules()
    let recorded = try rules.allConcerns()
    var owners = Set(recorded.keys)
    for holding in try rules.holdings() { if let owner = holding.owner { owners.insert(owner) } }
    // Labels may be shortened: two owners are the same if their labels are.
    let byLabel = Dictionary(owners.map { ($0.label, $0) }) { first, _ in first }
    let ports = Dictionary(grouping: try rules.publishedPorts()) { $0.owner?.label ?? "" }
    for (label, owner) in byLabel.sorted(by: { $0.key < $1.key }) where !liveness.lives(owner.containerID) {
      let concerns = recorded.filter { $0.key.label == label }.flatMap(\.value)
      let addresses = concerns.flatMap(\.addresses) + (ports[label] ?? []).map(\.container)
      if addresses.contains(where: { liveness.addresses.contains($0) }) { continue }
      bury(addresses)
      let kinds = concerns.map(\.kind.rawValue).sorted().joined(separator: ", ")
      let age = concerns.isEmpty ? nil : rules.recordPaths(of: owner).compactMap { self.age(of: $0) }.min()
      add(
        Garbage(
          .rules, "table inet swift_cni: \(kinds.isEmpty ? "elements" : kinds)", owner: label, age: age,
          reason: "no container \(owner.containerID) lives", .rules(owner)))
    }
  }

  /// Pairs of ours of which both ends stayed on the host, and bandwidth's devices of containers that are gone.
  private mutating func searchLinks() throws {
    let links = liveness.host.host.links
    for link in links {
      guard let owner = HostInterface.owner(of: link), link.linkNamespaceID == nil, !liveness.lives(owner.containerID) else { continue }
      add(
        Garbage(
          .link, link.name, owner: "\(owner)", reason: "its other end is not in any container, and no container \(owner.containerID) lives",
          .link(link.index)))
    }
    let needed = Set(liveness.living.flatMap(\.hostInterfaceNames))
    let dead = Dictionary(liveness.dead.flatMap { entry in entry.hostInterfaceNames.map { ($0, entry.attachment) } }) { first, _ in first }
    for link in links where link.kind == "ifb" && link.name.hasPrefix("bwp") && link.name.utf8.count == 15 && !needed.contains(link.name) {
      // Without a record that names it, it can only be judged where every living container has a record.
      guard let owner = dead[link.name] ?? (hasUnrecorded ? nil : Attachment(network: "-", containerID: "-", interfaceName: "-")) else {
        continue
      }
      let isKnown = dead[link.name] != nil
      add(
        Garbage(
          .ifb, link.name, owner: isKnown ? "\(owner)" : nil,
          reason: isKnown ? "no container \(owner.containerID) lives" : "no attachment on record has it", .link(link.index)))
    }
  }

  /// Whether some namespace that a link of the host leads to has no attachment on record.
  private var hasUnrecorded: Bool {
    let recorded = Set(liveness.living.compactMap { try? FileIdentity(path: $0.request.networkNamespacePath) })
    return liveness.host.namespaces.indices.dropFirst().contains { position in
      let namespace = liveness.host.namespaces[position]
      return !recorded.contains(namespace.identity)
        && namespace.links.contains { liveness.host.peer(of: $0, in: position)?.namespace == 0 }
    }
  }

  /// Addresses that host-local, ours or the reference's, has reserved for containers that are gone.
  private mutating func searchLeases() throws {
    for folder in try leaseFolders() {
      for name in try FileSystem.names(in: folder).sorted() {
        guard let address = IPAddress(name), address.description == name, !liveness.addresses.contains(address),
          let content = try FileSystem.readIfPresent("\(folder)/\(name)", limit: 65536)
        else { continue }
        let owner = LeaseOwner(content: content)
        if let owner, liveness.lives(owner.containerID) { continue }
        bury([address])
        if let owner {
          formerOwners[address] = [folder.split(separator: "/").last.map(String.init), owner.containerID, owner.ifname]
            .compactMap { $0 }.joined(separator: "/")
        }
        add(
          Garbage(
            .reservation, "\(folder)/\(name)", owner: owner.map { [$0.containerID, $0.ifname].compactMap { $0 }.joined(separator: "/") },
            age: age(of: "\(folder)/\(name)"),
            reason: owner.map { "no container \($0.containerID) lives, and no interface has the address" } ?? "the file names nobody",
            .lease(folder: folder, address, owner)))
      }
    }
  }

  /// Where host-local keeps leases: its usual place, and those that configurations on record name.
  private func leaseFolders() throws -> [String] {
    let usual = "/var/lib/cni/networks"
    var folders = Set((FileSystem.isFolder(usual) ? try FileSystem.names(in: usual) : []).map { "\(usual)/\($0)" })
    for entry in liveness.living + liveness.dead where entry.result != nil {
      guard let requests = try? entry.checks(of: entry.list()) else { continue }
      for request in requests where (try? request.configuration.ipamType()) == HostLocalPlugin.type {
        if let plugin = try? HostLocalPlugin(request) { folders.insert(plugin.leaseFolder) }
      }
    }
    return folders.filter { FileSystem.isFolder($0) }.sorted()
  }

  /// Records of attachments whose namespace is gone.
  private mutating func searchRecords() throws {
    for entry in liveness.dead {
      if let result = try? entry.decodedResult(.current) {
        for address in result.addresses.map(\.address.address) { formerOwners[address] = "\(entry.attachment)" }
        bury(result.addresses.map(\.address.address))
      }
      add(
        Garbage(
          .record, "\(cache.path)/\(entry.network)-\(entry.request.containerID)-\(entry.request.interfaceName)",
          owner: "\(entry.attachment)",
          age: age(of: "\(cache.path)/\(entry.network)-\(entry.request.containerID)-\(entry.request.interfaceName)"),
          reason: "its namespace \(entry.request.networkNamespacePath) is gone", .record(entry.attachment)))
    }
  }

  /// Connections of addresses that were a dead container's.
  private mutating func searchConnections() throws {
    if deadAddresses.isEmpty { return }
    var table = try ConnectionTable()
    var counts: [IPAddress: Int] = [:]
    for family in Set(deadAddresses.map(\.family)) {
      for connection in try table.connections(matching: ConnectionFilter(family)) {
        for address in Set([connection.original.source, connection.original.destination, connection.reply.source])
        where deadAddresses.contains(address) {
          counts[address, default: 0] += 1
        }
      }
    }
    for (address, count) in counts.sorted(by: { $0.key < $1.key }) {
      add(
        Garbage(
          .connections, "\(count) of \(address)", owner: nil, reason: "no interface has the address any more", .connections(address)))
    }
  }
}

extension Concern {
  /// The container's addresses, as far as the concern knows them.
  fileprivate var addresses: [IPAddress] {
    switch self {
    case .masquerade(let addresses): addresses.map(\.address)
    case .publication(let publication): publication.containers.map(\.address)
    case .links(let links): links.addresses
    case .isolation, .spoofCheck: []
    }
  }
}
