internal import Addresses
internal import CLinux
internal import Glibc
internal import Linux
internal import OverlayControl

/// Answers `/healthz`, `/readyz` and `/metrics` by HTTP/1.1, one request a connection.
struct HealthServer: Sendable {
  private let socket: Int32
  private let health: HealthReport
  private let log: Logger

  /// Listens at `address:port`, `[address]:port` or the path of a Unix socket.
  init(_ place: String, _ health: HealthReport, _ log: Logger) throws {
    socket = try place.hasPrefix("/") ? HealthServer.listen(path: place) : HealthServer.listen(at: place)
    self.health = health
    self.log = log
  }

  /// Serves on a thread of its own, for good.
  func start() {
    BackgroundThread.start {
      while true {
        let connection = clinux_accept(socket)
        if connection < 0 {
          // Without a free descriptor: somebody must close one first.
          if connection != -EINTR { _ = poll(nil, 0, 100) }
          continue
        }
        answer(connection)
        close(connection)
      }
    }
  }

  private func answer(_ connection: Int32) {
    var limit = timeval(tv_sec: 2, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] { setsockopt(connection, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size)) }
    var request: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 4096)
    while request.count < 16384 && !HealthServer.isComplete(request) {
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0 else { return }
      request += chunk[..<count]
    }
    let line = String(decoding: request.prefix { $0 != 13 && $0 != 10 }, as: UTF8.self).split(separator: " ")
    let path = line.count > 1 ? line[1].split(separator: "?")[0] : ""
    let (status, text) = line.first == "GET" || line.first == "HEAD" ? content(String(path)) : ("405 Method Not Allowed", "GET only\n")
    let head = "HTTP/1.1 \(status)\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: \(text.utf8.count)\r\n"
    let answer = Array("\(head)Connection: close\r\n\r\n\(line.first == "HEAD" ? "" : text)".utf8)
    var sent = 0
    while sent < answer.count {
      let count = answer[sent...].withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      sent += count
    }
    shutdown(connection, Int32(SHUT_WR))
  }

  private static func isComplete(_ request: [UInt8]) -> Bool {
    String(decoding: request, as: UTF8.self).contains("\r\n\r\n") || String(decoding: request, as: UTF8.self).contains("\n\n")
  }

  /// A minute without a sign of life means that the agent hangs.
  private func content(_ path: String) -> (status: String, text: String) {
    let figures = health.current
    switch path {
    case "/healthz": return figures.heartbeat.nanoseconds < 60_000_000_000 ? ("200 OK", "ok\n") : ("503 Service Unavailable", "hanging\n")
    case "/readyz": return figures.isReady ? ("200 OK", "ready\n") : ("503 Service Unavailable", "\(figures.obstacle)\n")
    case "/metrics": return ("200 OK", Metrics.text(figures, network: log.network))
    default: return ("404 Not Found", "/healthz, /readyz and /metrics are here\n")
    }
  }

  private static func listen(path: String) throws -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw DaemonSettings.Fault("listen: the path \(path) is too long for a socket")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    try FileSystem.remove(path)
    return try withUnsafeBytes(of: address) { try listen(AF_UNIX, $0, path) }
  }

  private static func listen(at place: String) throws -> Int32 {
    guard let colon = place.lastIndex(of: ":"), let port = UInt16(place[place.index(after: colon)...]),
      let address = IPAddress(String(place[..<colon]).trimmingBrackets)
    else { throw DaemonSettings.Fault("listen: expected address:port or a path, got \"\(place)\"") }
    switch address.family {
    case .v4:
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = port.bigEndian
      withUnsafeMutableBytes(of: &name.sin_addr) { $0.copyBytes(from: address.bytes) }
      return try withUnsafeBytes(of: name) { try listen(AF_INET, $0, place) }
    case .v6:
      var name = sockaddr_in6()
      name.sin6_family = sa_family_t(AF_INET6)
      name.sin6_port = port.bigEndian
      withUnsafeMutableBytes(of: &name.sin6_addr) { $0.copyBytes(from: address.bytes) }
      return try withUnsafeBytes(of: name) { try listen(AF_INET6, $0, place) }
    }
  }

  private static func listen(_ family: Int32, _ name: UnsafeRawBufferPointer, _ place: String) throws -> Int32 {
    let socket = Glibc.socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var one: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    guard socket >= 0, let address = name.baseAddress?.assumingMemoryBound(to: sockaddr.self),
      bind(socket, address, socklen_t(name.count)) == 0, Glibc.listen(socket, 16) == 0
    else { throw SystemError(.last, "listen at \(place)") }
    return socket
  }
}

extension String {
  /// `::1` of `[::1]`.
  fileprivate var trimmingBrackets: String { hasPrefix("[") && hasSuffix("]") ? String(dropFirst().dropLast()) : self }
}
