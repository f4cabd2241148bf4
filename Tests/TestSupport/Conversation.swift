import Glibc
import Linux

/// One TCP connection or UDP exchange between two namespaces, made with plain sockets.
public struct Conversation {
  /// TCP or UDP.
  public enum Transport: String, Sendable, CaseIterable {
    /// A connection that sends one line each way.
    case tcp
    /// A datagram and its answer.
    case udp
  }

  /// The address of the client as the server saw it.
  public let client: String

  /// Lets a server in one namespace answer a client in another; nil stands for the test's own. The client asks `address` and `port`, the server
  /// listens on every address with `serverPort`. Throws if the client has no answer in time.
  public init(
    _ transport: Transport = .tcp, from client: TestNamespace?, to address: String, _ port: UInt16, server: TestNamespace?,
    _ serverPort: UInt16, _ patience: Patience = .forAnswer
  ) throws {
    // Programs that other tests start must not keep the sockets open.
    let type = Int32((transport == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue | SOCK_CLOEXEC.rawValue)
    let family = address.contains(":") ? AF_INET6 : AF_INET
    let listener = try OwnedFile(adopting: Conversation.inside(server) { socket(family, type, 0) })
    try Conversation.withAddress(family == AF_INET6 ? "::" : "0.0.0.0", serverPort) {
      var yes: Int32 = 1
      setsockopt(listener.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
      if family == AF_INET6 { setsockopt(listener.descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &yes, 4) }
      return bind(listener.descriptor, $0, $1)
    }
    if transport == .tcp { _ = listen(listener.descriptor, 1) }
    // A process that another test has just forked holds the socket until its exec; the port is free for the next server all the same.
    defer { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }
    let asking = try OwnedFile(adopting: Conversation.inside(client) { socket(family, type, 0) })
    for descriptor in [listener.descriptor, asking.descriptor] { patience.limit(descriptor) }
    try Conversation.withAddress(address, port) { connect(asking.descriptor, $0, $1) }
    guard send(asking.descriptor, "ask\n", 4, 0) == 4 else { throw SystemError(.last, "ask \(address) port \(port)") }
    let (peer, answered) = Conversation.serve(listener.descriptor, transport)
    guard answered else { throw SystemError(.last, "the server behind \(address) port \(port) was not asked") }
    var answer = [UInt8](repeating: 0, count: 16)
    guard recv(asking.descriptor, &answer, answer.count, 0) > 0 else { throw SystemError(.last, "no answer from \(address) port \(port)") }
    self.client = peer
  }

  /// Whether such a conversation comes about.
  public static func works(
    _ transport: Transport = .tcp, from client: TestNamespace?, to address: String, _ port: UInt16, server: TestNamespace?,
    _ serverPort: UInt16
  ) -> Bool {
    (try? Conversation(transport, from: client, to: address, port, server: server, serverPort)) != nil
  }

  /// Whether no such conversation comes about.
  public static func fails(
    _ transport: Transport = .tcp, from client: TestNamespace?, to address: String, _ port: UInt16, server: TestNamespace?,
    _ serverPort: UInt16
  ) -> Bool {
    (try? Conversation(transport, from: client, to: address, port, server: server, serverPort, .forSilence)) == nil
  }

  private static func inside(_ namespace: TestNamespace?, _ body: () -> Int32) throws -> Int32 {
    let descriptor = try namespace.map { try $0.run(body) } ?? body()
    guard descriptor >= 0 else { throw SystemError(.last, "open a socket") }
    return descriptor
  }

  /// Answers one client; says who it was and whether there was one.
  private static func serve(_ listener: Int32, _ transport: Transport) -> (client: String, answered: Bool) {
    var storage = sockaddr_storage(), length = socklen_t(MemoryLayout<sockaddr_storage>.size), buffer = [UInt8](repeating: 0, count: 16)
    return withUnsafeMutablePointer(to: &storage) { storage in
      storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
        if transport == .udp {
          guard recvfrom(listener, &buffer, buffer.count, 0, peer, &length) > 0 else { return ("", false) }
          return (name(peer, length), sendto(listener, "yes\n", 4, 0, peer, length) == 4)
        }
        let connection = accept(listener, peer, &length)
        guard connection >= 0 else { return ("", false) }
        defer { close(connection) }
        return (name(peer, length), recv(connection, &buffer, buffer.count, 0) > 0 && send(connection, "yes\n", 4, 0) == 4)
      }
    }
  }

  private static func name(_ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> String {
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func withAddress(_ text: String, _ port: UInt16, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32) throws {
    var hints = addrinfo(), found: UnsafeMutablePointer<addrinfo>?
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    guard getaddrinfo(text, "\(port)", &hints, &found) == 0, let found else { throw SystemError(.invalid, "parse \(text)") }
    defer { freeaddrinfo(found) }
    guard use(found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else { throw SystemError(.last, "use \(text) port \(port)") }
  }
}
