import GRPCNIOTransportHTTP2Posix
import Glibc
import Linux
import NIOSSL

/// The certificates of a configuration, read from their files.
struct Credentials {
  private let authority: [UInt8]?
  private let certificate: [UInt8]?
  private let key: [UInt8]?

  /// Reads the files again, so that a new connection has what an administrator has renewed. Throws what cannot work before a connection is tried:
  /// a file that is not there or not PEM, and a certificate of ours whose time is over.
  init(_ configuration: EtcdConfiguration) throws(EtcdError) {
    authority = try configuration.authorityFile.map(Credentials.read)
    certificate = try configuration.certificateFile.map(Credentials.read)
    key = try configuration.keyFile.map(Credentials.read)
    if let file = configuration.authorityFile, let authority { _ = try Credentials.certificates(file, authority) }
    switch (configuration.certificateFile, configuration.keyFile) {
    case (let file?, let keyFile?):
      guard let own = try Credentials.certificates(file, certificate ?? []).first else { return }
      if own.notValidAfter < time(nil) {
        throw EtcdError(.certificate, endpoint: "", "our certificate \(file) has expired on \(Credentials.date(own.notValidAfter))")
      }
      do { _ = try NIOSSLPrivateKey(bytes: key ?? [], format: .pem) } catch {
        throw EtcdError(.configuration, endpoint: "", "\(keyFile) holds no private key in PEM")
      }
    case (nil, nil): break
    case (let file?, nil): throw EtcdError(.configuration, endpoint: "", "the certificate \(file) is of no use without its key")
    case (nil, let file?): throw EtcdError(.configuration, endpoint: "", "the key \(file) is of no use without its certificate")
    }
  }

  /// What the transport is told.
  var security: HTTP2ClientTransport.Posix.TransportSecurity {
    .tls { tls in
      if let authority { tls.trustRoots = .certificates([.bytes(authority, format: .pem)]) }
      if let certificate, let key {
        tls.certificateChain = [.bytes(certificate, format: .pem)]
        tls.privateKey = .bytes(key, format: .pem)
      }
    }
  }

  /// A day and a time as people read it, UTC.
  static func date(_ seconds: time_t) -> String {
    var moment = seconds, parts = tm()
    gmtime_r(&moment, &parts)
    func digits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return
      "\(parts.tm_year + 1900)-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday)) \(digits(parts.tm_hour)):\(digits(parts.tm_min)) UTC"
  }

  private static func read(_ file: String) throws(EtcdError) -> [UInt8] {
    do { return try FileSystem.read(file) } catch { throw EtcdError(.configuration, endpoint: "", "\(error)") }
  }

  private static func certificates(_ file: String, _ text: [UInt8]) throws(EtcdError) -> [NIOSSLCertificate] {
    guard let found = try? NIOSSLCertificate.fromPEMBytes(text), !found.isEmpty else {
      throw EtcdError(.configuration, endpoint: "", "\(file) holds no certificate in PEM")
    }
    return found
  }
}
