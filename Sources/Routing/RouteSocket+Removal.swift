import Linux
import Netlink

extension RouteSocket {
  /// Deletes a link, and returns as soon as it is gone for everybody; answers whether it was there.
  ///
  /// The kernel answers RTM_DELLINK only 20–30 ms after the link has gone, so a process of its own waits for that, and this one for the event.
  /// `held` are sockets that the other process keeps open, because closing them is slow. Ends this socket's use for requests.
  /// The process must have a single thread.
  public mutating func removeQuickly(_ link: Link, holding held: [Int32] = []) throws {
    var monitor = try LinkMonitor()
    var other = try RouteSocket()
    let answer = try socket.sendDetached(.delete(.index(link.index)), holding: held)
    let gone = try monitor.wait(milliseconds: 30_000, alsoWakeOn: answer.descriptor) { (event) throws(NetlinkError) in
      switch event {
      case .removed(let removed): removed.index == link.index
      case .changed: false
      case nil: try other.link(index: link.index) == nil
      }
    }
    if gone { return }
    if let code = try RouteSocket.answer(answer) {
      if code == .noDevice { return }
      throw NetlinkError(code, "delete link \(link.name)")
    }
    // The other process has either deleted the link, or died before it could.
    if try other.link(index: link.index) != nil { try other.perform(.delete(.index(link.index))) }
  }

  /// The error number that the other process reports; nil if it reports success or nothing.
  private static func answer(_ file: borrowing OwnedFile) throws(SystemError) -> Errno? {
    let bytes = try file.readToEnd()
    guard bytes.count == MemoryLayout<Int32>.size else { return nil }
    let code = unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: Int32.self) }
    return code < 0 ? Errno(rawValue: -code) : nil
  }
}
