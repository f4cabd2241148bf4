import CNI
public import Overlay
public import OverlayControl

/// Leases in etcd, in flannel's layout, so that our hosts and flannel's can be in one network.
///
/// A lease is a record that ends with a lease of etcd's. Keeping it costs two short calls and tells nobody; only what has changed is
/// reported to other hosts. One connection serves the calls and the watch.
public struct EtcdStore: LeaseStore {
  let cluster: EtcdCluster
  let layout: FlannelLayout
  let lifetime: LeaseLifetime

  /// Where flannel keeps its networks.
  public static let defaultPrefix = "/coreos.com/network"
  /// How long a lease lasts that flannel takes, in seconds.
  public static let flannelSeconds: Int64 = 86_400

  /// A network's leases below a prefix. No connection is made before the first call. Throws `refused` for a configuration that cannot be.
  public init(
    _ configuration: EtcdConfiguration, prefix: String = EtcdStore.defaultPrefix,
    lifetime: LeaseLifetime = LeaseLifetime(seconds: EtcdStore.flannelSeconds)
  ) throws(StoreError) {
    guard !configuration.endpoints.isEmpty else { throw .refused("etcd: no endpoint is given") }
    if let insecure = configuration.endpoints.first(where: { !$0.isSecure }),
      configuration.authorityFile != nil || configuration.certificateFile != nil
    {
      throw .refused("etcd \(insecure): certificates are of no use with http, expected https://")
    }
    guard prefix.hasPrefix("/"), !prefix.hasSuffix("/") else {
      throw .refused(
        "etcd: the prefix \"\(prefix)\" is expected to begin with a slash and not to end with one (\(EtcdStore.defaultPrefix))")
    }
    cluster = EtcdCluster(configuration)
    layout = FlannelLayout(prefix: prefix)
    self.lifetime = lifetime
  }

  /// `etcd:http://10.0.0.1:2379/coreos.com/network`
  public var description: String { "etcd:\(cluster.names)\(layout.prefix)" }

  /// Reads flannel's `config`.
  public func configuration() async throws(StoreError) -> OverlayNetworkConfiguration {
    let key = layout.configuration
    let records = try await ask { session async throws(EtcdError) in try await session.read([.key(key)]).records[0] }
    guard let record = records.first else {
      throw .refused("etcd: \(key) does not exist: it must hold the overlay's network, {\"Network\": \"10.244.0.0/16\"}")
    }
    do { return try OverlayNetworkConfiguration(parsing: record.value) } catch { throw .refused("etcd: \(key): \(error.message)") }
  }

  /// Reads all leases and reservations, at one moment.
  public func contents() async throws(StoreError) -> StoreContents {
    try await ask { session async throws(EtcdError) in try await contents(session).contents }
  }

  /// Closes the connection that has this host's old address; the watch goes on by the next one.
  public func reconnect() { cluster.reconnect() }

  /// Everything, and when it was so.
  func contents(_ session: EtcdSession) async throws(EtcdError) -> (contents: StoreContents, moment: EtcdMoment) {
    let (moment, records) = try await session.read([.prefix(layout.leases), .prefix(layout.reservations)])
    var contents = StoreContents()
    var leased: Set<String> = []
    for record in records[0] {
      let name = record.key.dropFirst(layout.leases.count)
      leased.insert(String(name))
      switch lease(record) {
      case .success(let lease): contents.leases.append(lease)
      case .failure(let fault):
        contents.faults[record.key] = fault.reason
        // What its name says is better not given away.
        if let key = FlannelLayout.key(named: name) { contents.quarantined.append(Quarantine(key)) }
      }
    }
    for record in records[1] {
      let name = record.key.dropFirst(layout.reservations.count)
      guard !leased.contains(String(name)), let key = FlannelLayout.key(named: name) else { continue }
      contents.quarantined.append(Quarantine(key, node: Reservation(record.value).node))
    }
    return (contents, moment)
  }

  /// Why a record cannot be read.
  struct Fault: Error { let reason: String }

  /// What a record says.
  func lease(_ record: EtcdRecord) -> Result<Lease, Fault> {
    guard let key = FlannelLayout.key(named: record.key.dropFirst(layout.leases.count)) else {
      return .failure(Fault(reason: "its name is expected to be a network (10.244.3.0-24)"))
    }
    do { return .success(try FlannelLease.lease(key, record.value)) } catch { return .failure(Fault(reason: error.message)) }
  }

  /// Asks any member; what they say becomes a store's error.
  func ask<Answer: Sendable>(
    _ question: @Sendable (EtcdSession) async throws(EtcdError) -> Answer
  ) async throws(StoreError) -> Answer {
    do { return try await cluster.ask(question) } catch { throw StoreError(error) }
  }
}

extension StoreError {
  init(_ error: EtcdError) {
    switch error.reason {
    case .unreachable, .late, .noLeader, .compacted, .noLease: self = .lostContact(error.description)
    case .certificate, .login, .token, .permission, .configuration, .other: self = .refused(error.description)
    }
  }
}
