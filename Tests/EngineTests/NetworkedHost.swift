import CNI
import Engine
import Glibc
import JSON
import Linux
import TestSupport

/// A host with berth's networks, on which containers are bare namespaces.
final class NetworkedHost {
  /// A container that is attached.
  final class Container {
    let namespace: TestNamespace
    var networking: ContainerNetworking
    let host: NetworkedHost

    init(_ namespace: TestNamespace, _ networking: ContainerNetworking, _ host: NetworkedHost) {
      (self.namespace, self.networking, self.host) = (namespace, networking, host)
    }

    var id: String { networking.record.id }
    var addresses: [String] { networking.record.networks.flatMap(\.addresses).map { String($0.prefix { $0 != "/" }) } }
    var ports: [PublishedPort] { networking.record.ports }

    /// What is in one of its files.
    func file(_ name: String) throws -> String {
      String(decoding: try FileSystem.read("\(host.store.places.container(id))/\(name)"), as: UTF8.self)
    }

    /// Stops it: the record stays.
    func detach() throws { try networking.detach() }
  }

  let store: ContainerStore
  let networks: NetworkStore
  private var count = 0

  init() throws {
    let plugins = try PluginRunner().folder
    store = ContainerStore(Places(root: "/var/lib/berth", run: "/run/berth", plugins: plugins, networks: "/run/net.d"))
    networks = NetworkStore(store.places)
  }

  /// Makes a container's record.
  func record(_ name: String, _ describe: (inout ContainerRecord) -> Void = { _ in }) throws -> ContainerRecord {
    count += 1
    var record = ContainerRecord()
    record.id = String(repeating: "0", count: 60) + String(4096 + count, radix: 16)
    record.id = String(record.id.reversed())
    record.name = name
    describe(&record)
    (record.networks, record.links) = try ContainerNetworking.plan(record.options, in: store)
    try store.create(record)
    return record
  }

  /// Makes a container and starts it.
  func start(_ name: String, _ describe: (inout ContainerRecord) -> Void = { _ in }) throws -> Container {
    try start(record(name, describe))
  }

  /// Starts a container, in a new namespace.
  func start(_ record: ContainerRecord) throws -> Container {
    let namespace = try TestNamespace()
    var networking = ContainerNetworking(record, in: store)
    try networking.writeFiles()
    let (networks, ports) = try networking.attach(namespacePath: namespace.path)
    networking.record = try store.update(record.id) { ($0.networks, $0.ports) = (networks, ports) }
    return Container(namespace, networking, self)
  }

  /// Makes a network.
  @discardableResult
  func network(_ name: String, _ describe: (inout NetworkOptions) -> Void = { _ in }) throws -> Network {
    var options = NetworkOptions(name: name)
    describe(&options)
    return try networks.create(options)
  }
}
