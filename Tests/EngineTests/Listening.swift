import Glibc
import Linux

/// A program that listens on a port of the host.
enum Listening {
  /// A TCP socket on all addresses; whoever calls closes it.
  static func socket(_ port: UInt16) throws -> Int32 {
    let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    let bound = withUnsafeBytes(of: &address) {
      bind(descriptor, $0.bindMemory(to: sockaddr.self).baseAddress, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
    guard descriptor >= 0, bound == 0, listen(descriptor, 1) == 0 else { throw SystemError(.last, "listen on \(port)") }
    return descriptor
  }
}
