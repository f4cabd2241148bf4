internal import Glibc

/// A command that is connected to a supervisor.
final class Client {
  let descriptor: Int32
  private(set) var wishes: Frame.Wishes = []
  private(set) var isGone = false
  private var incoming = FrameBuffer()
  private var outgoing: [UInt8] = []
  private var sent = 0

  /// So much may wait for a slow reader before the container has to wait, too.
  private static let limit = 256 << 10

  /// Takes over a connected socket.
  init(_ descriptor: Int32, wishes: Frame.Wishes = []) {
    self.descriptor = descriptor
    self.wishes = wishes
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  deinit { close(descriptor) }

  var hasOutput: Bool { sent < outgoing.count }
  var isSlow: Bool { outgoing.count - sent > Client.limit }

  /// Sends a message, now as far as possible.
  func send(_ frame: Frame) {
    outgoing += frame.bytes
    flush()
  }

  /// Sends what the socket takes.
  func flush() {
    while hasOutput, !isGone {
      let count = outgoing[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0 {
        if errno == EINTR { continue }
        if errno != EAGAIN { isGone = true }
        return
      }
      sent += count
    }
    outgoing.removeAll(keepingCapacity: outgoing.capacity <= 64 << 10)
    sent = 0
  }

  /// Reads what has come, and answers the whole messages; afterwards `isGone` may be true.
  func receive() -> [Frame] {
    if case .end = incoming.read(from: descriptor) { isGone = true }
    var frames: [Frame] = []
    while let frame = incoming.next() {
      if case .hello(let wishes) = frame { self.wishes = wishes } else { frames.append(frame) }
    }
    return frames
  }
}
