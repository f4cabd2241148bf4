import GRPCCore
import GRPCNIOTransportHTTP2Posix
import Glibc
import NIOCore
import NIOSSL
import Synchronization

/// Looks at the certificate of a member that TLS has not accepted, to say what is wrong with it. Nothing but the certificate is read, and the
/// connection never comes about.
struct CertificateExamination {
  private let endpoint: EtcdEndpoint
  private let configuration: EtcdConfiguration

  init(_ endpoint: EtcdEndpoint, _ configuration: EtcdConfiguration) {
    self.endpoint = endpoint
    self.configuration = configuration
  }

  /// The reason in words; nil if the member did not show a certificate.
  func findings(_ executor: EventLoopExecutor) async -> EtcdError? {
    let shown = Mutex<[NIOSSLCertificate]>([])
    let security = HTTP2ClientTransport.Posix.TransportSecurity.tls { tls in
      tls.customVerificationCallback = { certificates, promise in
        shown.withLock { $0 = certificates }
        promise.succeed(.failed)
      }
    }
    guard let session = try? EtcdSession(endpoint, EtcdConfiguration(endpoints: [endpoint]), executor, security: security) else {
      return nil
    }
    _ = try? await session.read([.key("/")])
    session.close()
    return shown.withLock { $0 }.first.map { words(for: $0) }
  }

  private func words(for certificate: NIOSSLCertificate) -> EtcdError {
    let now = time(nil)
    let explanation =
      switch true {
      case certificate.notValidAfter < now: "its certificate has expired on \(Credentials.date(certificate.notValidAfter))"
      case certificate.notValidBefore > now: "its certificate is not valid before \(Credentials.date(certificate.notValidBefore))"
      default: "its certificate is not signed by \(configuration.authorityFile ?? "an authority that this machine knows")"
      }
    return EtcdError(.certificate, endpoint: endpoint.description, explanation)
  }
}
