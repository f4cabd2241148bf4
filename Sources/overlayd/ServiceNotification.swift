internal import Glibc

/// Tells systemd how the service does, sd_notify(3).
enum ServiceNotification {
  /// Sends `READY=1`, `STATUS=…`; does nothing unless the service manager wants to know.
  static func send(_ message: String) {
    guard let place = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), !place.isEmpty else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var path = Array(place.utf8)
    // A leading @ stands for the zero byte of an abstract name.
    if path[0] == UInt8(ascii: "@") { path[0] = 0 }
    guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return }
    defer { close(socket) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count), text = Array(message.utf8)
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { sendto(socket, text, text.count, 0, $0, length) }
    }
  }
}
