import Glibc

/// The service manager that started this process and waits to be told how it is: sd_notify(3), a datagram to the socket that NOTIFY_SOCKET names.
public struct ServiceManager: Sendable {
  private let address: [UInt8]

  /// Nil if nobody waits.
  public init?() {
    // The environment is not changed while it is read.
    guard let value = unsafe getenv("NOTIFY_SOCKET") else { return nil }
    var address = Array(unsafe String(cString: value).utf8)
    guard let first = address.first, first == UInt8(ascii: "/") || first == UInt8(ascii: "@"), address.count < 108 else { return nil }
    // An abstract socket's name begins with a zero byte.
    if first == UInt8(ascii: "@") { address[0] = 0 }
    self.address = address
  }

  /// Tells `READY=1`, `STOPPING=1`, `STATUS=…`, one a line. Nobody listening is no error.
  public func notify(_ state: String) {
    let socket = OwnedFile(adopting: Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
    guard socket.descriptor >= 0 else { return }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: address) }
    let bytes = Array(state.utf8), length = socklen_t(MemoryLayout<sa_family_t>.size + address.count)
    // The structure holds the family and as many bytes of the name as the length says.
    _ = unsafe withUnsafePointer(to: &name) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe sendto(socket.descriptor, bytes, bytes.count, 0, $0, length)
      }
    }
  }
}
