import Addresses
import GRPCCore
import GRPCNIOTransportHTTP2Posix
import SwiftProtobuf
import Synchronization

/// One connection to one member of etcd. It is opened by the first call, and of no use any more after a failure of the connection.
final class EtcdSession: Sendable {
  typealias Transport = HTTP2ClientTransport.Posix

  /// The member.
  let endpoint: EtcdEndpoint
  let client: GRPCClient<Transport>
  private let user: (name: String, password: String)?
  private let callLimit: Duration
  private let connection: Task<Void, Never>
  /// Whether it was closed because this host's address changed.
  let isOutdated = Atomic(false)
  private let token = Mutex<String?>(nil)

  /// Prepares a connection whose tasks run on `executor`. Throws only what is wrong with files of ours.
  ///
  /// `security` is only given to look at a member's certificate.
  init(
    _ endpoint: EtcdEndpoint, _ configuration: EtcdConfiguration, _ executor: EventLoopExecutor,
    security: Transport.TransportSecurity? = nil
  ) throws(EtcdError) {
    self.endpoint = endpoint
    user = configuration.user.map { ($0, configuration.password ?? "") }
    callLimit = configuration.callLimit
    do {
      let transport = try Transport(
        target: EtcdSession.target(endpoint),
        transportSecurity: try security ?? (endpoint.isSecure ? Credentials(configuration).security : .plaintext),
        config: .defaults { settings in
          // A peer that has died without a word is noticed after the two together. etcd takes a client with shorter distances than 5 s for a flood.
          settings.connection.keepalive = .init(time: .seconds(10), timeout: .seconds(5), allowWithoutCalls: false)
          settings.backoff.max = .seconds(5)
        },
        eventLoopGroup: executor.group)
      client = GRPCClient(transport: transport)
    } catch { throw EtcdError(error, endpoint: endpoint) }
    connection = Task(executorPreference: executor) { [client] in try? await client.runConnections() }
  }

  deinit { connection.cancel() }

  /// Ends the connection and all calls on it.
  func close() { connection.cancel() }

  /// Makes one call, with the token that proves the user if there is one; gets a new one when etcd does not know it any more.
  ///
  /// Without `limited` the call may last for ever, as a watch does.
  func call<Reply: Sendable>(
    limited: Bool = true, _ body: @Sendable (Metadata, CallOptions) async throws -> Reply
  ) async throws(EtcdError) -> Reply {
    var options = CallOptions.defaults
    options.timeout = limited ? callLimit : nil
    options.maxResponseMessageBytes = 1 << 26
    do { return try await body(try await metadata(), options) } catch {
      let error = EtcdError(error, endpoint: endpoint)
      guard error.reason == .token, user != nil else { throw error }
    }
    token.withLock { $0 = nil }
    do { return try await body(try await metadata(), options) } catch { throw EtcdError(error, endpoint: endpoint) }
  }

  /// What goes with every call: without a leader etcd shall refuse rather than be silent, and who we are.
  private func metadata() async throws(EtcdError) -> Metadata {
    var metadata: Metadata = ["hasleader": "true"]
    guard let user else { return metadata }
    if let token = token.withLock({ $0 }) {
      metadata.addString(token, forKey: "token")
      return metadata
    }
    var options = CallOptions.defaults
    options.timeout = callLimit
    do {
      let reply = try await Etcdserverpb_Auth.Client(wrapping: client).authenticate(
        .with { ($0.name, $0.password) = (user.name, user.password) }, options: options)
      token.withLock { $0 = reply.token }
      metadata.addString(reply.token, forKey: "token")
    } catch let error as RPCError where error.message.contains("authentication is not enabled") {
      // Nobody has to show who they are.
    } catch { throw EtcdError(error, endpoint: endpoint) }
    return metadata
  }

  private static func target(_ endpoint: EtcdEndpoint) -> any ResolvableTarget {
    switch endpoint.address?.family {
    case .v4: .ipv4(address: endpoint.host, port: endpoint.port)
    case .v6: .ipv6(address: endpoint.host, port: endpoint.port)
    case nil: .dns(host: endpoint.host, port: endpoint.port)
    }
  }
}
