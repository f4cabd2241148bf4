internal import Glibc
public import Linux

/// A command's side of the conversation with a supervisor.
public struct Connection: ~Copyable {
  private let socket: OwnedFile
  private var buffer = FrameBuffer()

  init(adopting descriptor: Int32) { socket = OwnedFile(adopting: descriptor) }

  /// Connects to a container's supervisor; nil if it has none that answers.
  public init?(to id: String, in places: Places) throws(SystemError) {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let folder = try? OwnedFile(places.sockets, flags: [.place, .folder]).release()
    let outcome = folder.map { folder in SocketAddress.use("/proc/self/fd/\(folder)/\(id)") { connect(descriptor, $0, $1) } }
    if let folder { close(folder) }
    socket = OwnedFile(adopting: descriptor)
    guard descriptor >= 0 else { throw SystemError(.last, "open a socket") }
    guard outcome == 0 else { return nil }
  }

  /// For poll(2).
  public var descriptor: Int32 { socket.descriptor }

  /// Sends a message; says whether the supervisor was there to take it.
  @discardableResult
  public func send(_ frame: Frame) -> Bool {
    let bytes = frame.bytes
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Glibc.send(socket.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0 {
        if Errno.last == .interrupted { continue }
        return false
      }
      sent += count
    }
    return true
  }

  /// Waits for the next message; nil when the supervisor is gone.
  public mutating func receive() -> Frame? {
    while true {
      if let frame = buffer.next() { return frame }
      if case .end = buffer.read(from: socket.descriptor) { return buffer.next() }
    }
  }

  /// A message that has arrived already, without waiting; call it again until it answers nil, before the next poll(2).
  public mutating func arrived() -> Frame? { buffer.next() }

  /// Reads what poll(2) announced; false when the supervisor is gone.
  public mutating func fill() -> Bool {
    if case .end = buffer.read(from: socket.descriptor) { return false }
    return true
  }
}
