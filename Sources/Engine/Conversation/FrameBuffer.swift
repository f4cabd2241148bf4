internal import Glibc
internal import Linux

/// Bytes that have come from a socket and are cut into messages.
struct FrameBuffer {
  private var bytes: [UInt8] = []
  private var start = 0

  /// What came of reading from a socket.
  enum Arrival {
    /// There may be messages.
    case data
    /// Nothing is there now.
    case nothing
    /// The other side is gone.
    case end
  }

  /// Takes what the socket has.
  mutating func read(from descriptor: Int32) -> Arrival {
    var chunk = [UInt8](repeating: 0, count: 32 << 10)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count > 0 {
        bytes += chunk[..<count]
        return .data
      }
      if count < 0, Errno.last == .interrupted { continue }
      return count < 0 && Errno.last == .tryAgain ? .nothing : .end
    }
  }

  /// The next whole message, if there is one. Messages of unknown types are passed over.
  mutating func next() -> Frame? {
    while bytes.count - start >= 5 {
      let length = Int(Frame.number(bytes[(start + 1)...]))
      guard bytes.count - start >= 5 + length else { break }
      let frame = Frame(type: bytes[start], content: bytes[(start + 5)..<(start + 5 + length)])
      start += 5 + length
      if let frame { return frame }
    }
    bytes.removeFirst(start)
    start = 0
    return nil
  }
}
