import CLinux
import Glibc

/// Ends a wait in poll(2) from another thread.
public final class WakeUp: Sendable {
  /// For poll(2): readable after `signal`.
  public let descriptor: Int32

  /// Makes one that waits.
  public init() { descriptor = clinux_event_counter() }

  deinit { close(descriptor) }

  /// Makes the descriptor readable.
  public func signal() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  /// Makes it wait again.
  public func acknowledge() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
  }

  /// Waits until one of the descriptors is readable or the time is up; negative descriptors are skipped. Answers which are readable.
  public static func wait(for descriptors: [Int32], milliseconds: Int32) -> [Bool] {
    var requests = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let count = poll(&requests, nfds_t(requests.count), milliseconds)
    return requests.map { count > 0 && $0.revents != 0 }
  }
}
