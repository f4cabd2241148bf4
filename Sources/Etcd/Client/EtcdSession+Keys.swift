import FoundationEssentials
import SwiftProtobuf

/// A key with what etcd says of it.
struct EtcdRecord: Equatable, Sendable {
  /// The key's name.
  let key: String
  /// What is stored there.
  let value: [UInt8]
  /// The revision of the last change.
  let revision: Int64
  /// The lease the record ends with; 0 if it stays.
  let lease: Int64

  init(_ record: Etcdserverpb_KeyValue) {
    key = String(decoding: record.key, as: UTF8.self)
    value = Array(record.value)
    revision = record.modRevision
    lease = record.lease
  }
}

/// A moment in the history of one cluster.
struct EtcdMoment: Equatable, Sendable {
  /// Which cluster: one whose data were lost or restored elsewhere has another number.
  let cluster: UInt64
  /// How many changes there have been.
  let revision: Int64

  init(_ header: Etcdserverpb_ResponseHeader) { (cluster, revision) = (header.clusterID, header.revision) }
  init(cluster: UInt64, revision: Int64) { (self.cluster, self.revision) = (cluster, revision) }
}

extension EtcdSession {
  /// What is read in one step.
  enum Selection: Sendable {
    case key(String)
    case prefix(String)
  }

  /// Reads several selections at one moment.
  func read(_ selections: [Selection]) async throws(EtcdError) -> (moment: EtcdMoment, records: [[EtcdRecord]]) {
    let request = Etcdserverpb_TxnRequest.with { request in
      request.success = selections.map { selection in .with { $0.requestRange = EtcdSession.range(selection) } }
    }
    let reply = try await call { [client] in try await Etcdserverpb_KV.Client(wrapping: client).txn(request, metadata: $0, options: $1) }
    return (EtcdMoment(reply.header), reply.responses.map { $0.responseRange.kvs.map { EtcdRecord($0) } })
  }

  /// What a transaction does with one key.
  enum Change: Sendable {
    /// Writes it; it ends with the lease unless that is 0.
    case put(String, [UInt8], lease: Int64)
    case delete(String)
  }

  /// Makes all changes if every key named was last changed at the revision given, 0 meaning that it is not there; answers whether it did.
  func change(_ changes: [Change], ifUnchanged revisions: [(key: String, revision: Int64)]) async throws(EtcdError) -> Bool {
    let request = Etcdserverpb_TxnRequest.with { request in
      request.compare = revisions.map { EtcdSession.comparison($0.key, $0.revision) }
      request.success = changes.map(EtcdSession.operation)
    }
    return try await call { [client] in
      try await Etcdserverpb_KV.Client(wrapping: client).txn(request, metadata: $0, options: $1).succeeded
    }
  }

  private static func comparison(_ key: String, _ revision: Int64) -> Etcdserverpb_Compare {
    .with {
      $0.key = Data(key.utf8)
      $0.result = .equal
      if revision == 0 {
        $0.target = .version
        $0.version = 0
      } else {
        $0.target = .mod
        $0.modRevision = revision
      }
    }
  }

  private static func operation(_ change: Change) -> Etcdserverpb_RequestOp {
    .with {
      switch change {
      case .put(let key, let value, let lease):
        $0.requestPut = .with { ($0.key, $0.value, $0.lease) = (Data(key.utf8), Data(value), lease) }
      case .delete(let key): $0.requestDeleteRange = .with { $0.key = Data(key.utf8) }
      }
    }
  }

  private static func range(_ selection: Selection) -> Etcdserverpb_RangeRequest {
    .with {
      switch selection {
      case .key(let key): $0.key = Data(key.utf8)
      case .prefix(let prefix): ($0.key, $0.rangeEnd) = (Data(prefix.utf8), end(of: prefix))
      }
    }
  }

  /// The first key after all that begin with a prefix, which ends with a slash: the last byte is one more.
  static func end(of prefix: String) -> Data {
    var bytes = Array(prefix.utf8)
    if let last = bytes.popLast() { bytes.append(last + 1) }
    return Data(bytes)
  }
}
