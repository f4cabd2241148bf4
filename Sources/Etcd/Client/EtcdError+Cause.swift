import GRPCCore
import Glibc
import NIOCore
import NIOPosix
import NIOSSL

extension EtcdError {
  /// Puts what gRPC, TLS or the socket says into one line.
  init(_ error: any Error, endpoint: EtcdEndpoint) {
    if let error = error as? EtcdError {
      self = error
      return
    }
    let root = EtcdError.root(of: error)
    let (reason, explanation) =
      switch root {
      case let error as RPCError: EtcdError.words(for: error)
      case let error as IOError: (.unreachable, EtcdError.systemWords(error))
      case let error as NIOSSLError: EtcdError.words(for: error)
      case let error as BoringSSLError: EtcdError.words(for: NIOSSLError.handshakeFailed(error))
      case let error as NIOSSLExtraError: (.certificate, EtcdError.oneLine(error.description))
      case is ChannelError: (.unreachable, "the connection has ended")
      case is CancellationError: (.unreachable, "given up")
      default: (Reason.other, EtcdError.oneLine("\(root)"))
      }
    self.init(reason, endpoint: endpoint.description, explanation)
  }

  /// What all the wrapping is about.
  private static func root(of error: any Error) -> any Error {
    switch error {
    case let error as RPCError: if let cause = error.cause { root(of: cause) } else { error }
    case let error as RuntimeError: if let cause = error.cause { root(of: cause) } else { error }
    case let error as NIOConnectionError: error.connectionErrors.first.map { root(of: $0.error) } ?? error
    default: error
    }
  }

  /// The errors that etcd's server sends: the names are those of its package rpctypes.
  private static func words(for error: RPCError) -> (Reason, String) {
    let says = error.message.hasPrefix("etcdserver: ") ? String(error.message.dropFirst("etcdserver: ".count)) : error.message
    return switch error.code {
    case .unauthenticated: (.token, says)
    case .invalidArgument where says.hasPrefix("authentication failed"): (.login, "wrong user or password")
    case .invalidArgument where says.hasPrefix("user name is empty"):
      (.login, "it wants a user and a password, or a certificate with a name")
    case .invalidArgument where says.hasPrefix("revision of auth store is old"): (.token, says)
    case .permissionDenied: (.permission, "the user may not do this (\(says))")
    case .outOfRange where says.contains("compacted"): (.compacted, says)
    case .notFound where says.contains("lease"): (.noLease, "the lease has ended")
    case .deadlineExceeded: (.late, "no answer in time")
    case .unavailable where says.contains("no leader"): (.noLeader, "it knows no leader")
    case .unavailable where says.contains("leader changed"): (.noLeader, "the leader changes just now")
    case .unavailable where says.contains("timed out"): (.late, oneLine(says))
    case .unavailable where says.isEmpty || says.hasPrefix("Stream unexpectedly closed"): (.unreachable, "the connection has ended")
    case .unavailable: (.unreachable, oneLine(says))
    default: (.other, oneLine("\(says) (\(error.code))"))
    }
  }

  private static func words(for error: NIOSSLError) -> (Reason, String) {
    switch error {
    case .handshakeFailed(.sslError(let stack)), .handshakeFailed(.unknownError(let stack)):
      (.certificate, words(for: stack.map { tlsWords("\($0)") }.joined(separator: ", ")))
    case .handshakeFailed: (.unreachable, "it does not speak TLS, or has ended the connection while TLS began")
    case .unableToValidateCertificate, .noCertificateToValidate: (.certificate, "its certificate is not accepted")
    case .uncleanShutdown: (.unreachable, "the connection has ended")
    default: (.unreachable, "TLS: \(oneLine("\(error)"))")
    }
  }

  /// `certificate verify failed`, of `Error: 268435581 error:1000007d:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED at FILE:LINE`.
  private static func tlsWords(_ text: String) -> String {
    guard let part = text.split(separator: ":").first(where: { $0.contains(" at ") }) else { return oneLine(text) }
    return part.split(separator: " ")[0].lowercased().split(separator: "_").joined(separator: " ")
  }

  /// An alert is what the other side says: RFC 8446, section 6.
  private static func words(for fault: String) -> String {
    guard let alert = fault.firstRange(of: " alert ") else { return "TLS: \(fault)" }
    return "it does not accept our certificate (\(fault[alert.upperBound...]))"
  }

  private static func systemWords(_ error: IOError) -> String { String(cString: strerror(error.errnoCode)).lowercased() }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
