import FoundationEssentials
import GRPCCore
import SwiftProtobuf

/// What a watch has seen.
enum EtcdChange: Sendable {
  /// The record is new or different.
  case put(EtcdRecord)
  /// The key is not there any more.
  case removed(key: String)
}

extension EtcdSession {
  /// Reports every change of keys with a prefix after a moment, in order, with the revision up to which all is known, until the connection, the
  /// task or the leader ends: it always throws. `compacted` means that changes are missing. Every minute without a change it reports that there
  /// is none, with a revision of nil.
  func watch(
    _ prefix: String, after moment: EtcdMoment, _ report: @escaping @Sendable ([EtcdChange], Int64?) -> Void
  ) async throws(EtcdError) -> Never {
    let request = Etcdserverpb_WatchRequest.with {
      $0.createRequest = .with {
        ($0.key, $0.rangeEnd) = (Data(prefix.utf8), EtcdSession.end(of: prefix))
        $0.startRevision = moment.revision + 1
        // Tells from time to time how far history has gone, so that a quiet prefix is not older than what etcd keeps of it.
        $0.progressNotify = true
      }
    }
    let endpoint = endpoint
    try await call(limited: false) { [client] in
      try await Etcdserverpb_Watch.Client(wrapping: client).watch(
        metadata: $0, options: $1,
        requestProducer: { writer in
          try await writer.write(request)
          // Whether all is well with a watch that has nothing to report, only a question tells.
          while true {
            try await Task.sleep(for: .seconds(60))
            try await writer.write(.with { $0.progressRequest = Etcdserverpb_WatchProgressRequest() })
          }
        },
        onResponse: { response in
          for try await reply in response.messages { try EtcdSession.take(reply, from: endpoint, report) }
        })
    }
    throw EtcdError(.unreachable, endpoint: endpoint.description, "it has ended the watch")
  }

  private static func take(
    _ reply: Etcdserverpb_WatchResponse, from endpoint: EtcdEndpoint, _ report: ([EtcdChange], Int64?) -> Void
  ) throws(EtcdError) {
    if reply.compactRevision > 0 {
      throw EtcdError(.compacted, endpoint: endpoint.description, "changes before revision \(reply.compactRevision) are not kept any more")
    }
    if reply.canceled {
      let error = RPCError(code: .unavailable, message: reply.cancelReason)
      let reason: RPCError.Code =
        switch true {
        case reply.cancelReason.contains("permission denied"): .permissionDenied
        case reply.cancelReason.contains("invalid auth token"): .unauthenticated
        default: .unavailable
        }
      throw EtcdError(RPCError(code: reason, message: error.message), endpoint: endpoint)
    }
    // The answer to the request itself carries the revision of now, before the changes since `moment` have been sent.
    if reply.created { return }
    let changes = reply.events.map { event in
      event.type == .delete ? EtcdChange.removed(key: String(decoding: event.kv.key, as: UTF8.self)) : .put(EtcdRecord(event.kv))
    }
    // The answer to our question may overtake changes that are under way, so its revision says nothing.
    report(changes, reply.watchID < 0 ? nil : reply.header.revision)
  }
}
