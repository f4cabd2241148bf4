import GRPCCore
import SwiftProtobuf

extension EtcdSession {
  /// Makes a lease that ends after so many seconds unless it is kept; answers its number.
  func grantLease(seconds: Int64) async throws(EtcdError) -> Int64 {
    try await call { [client] in
      try await Etcdserverpb_Lease.Client(wrapping: client).leaseGrant(.with { $0.ttl = seconds }, metadata: $0, options: $1).id
    }
  }

  /// Lets a lease last for its whole time from now on; answers whether it had not ended.
  func keepLease(_ lease: Int64) async throws(EtcdError) -> Bool {
    try await call { [client] in
      try await Etcdserverpb_Lease.Client(wrapping: client).leaseKeepAlive(
        metadata: $0, options: $1,
        requestProducer: { try await $0.write(.with { $0.id = lease }) },
        onResponse: { response in
          for try await reply in response.messages { return reply.ttl > 0 }
          return false
        })
    }
  }

  /// Ends a lease and deletes what ends with it; nothing if it has ended.
  func revokeLease(_ lease: Int64) async throws(EtcdError) {
    do {
      try await call { [client] in
        _ = try await Etcdserverpb_Lease.Client(wrapping: client).leaseRevoke(.with { $0.id = lease }, metadata: $0, options: $1)
      }
    } catch { if error.reason != .noLease { throw error } }
  }
}
