import Glibc
import Linux

extension NetlinkSocket {
  /// The number that the kernel gave the socket's network namespace, and gives no other one until it is restarted; nil before Linux 5.14,
  /// which does not tell.
  public func networkNamespaceCookie() throws(NetlinkError) -> UInt64? {
    var cookie: UInt64 = 0, length = socklen_t(MemoryLayout<UInt64>.size)
    // The option's value is one UInt64, SO_NETNS_COOKIE of `asm-generic/socket.h`.
    if unsafe getsockopt(descriptor, SOL_SOCKET, 71, &cookie, &length) == 0 { return cookie }
    if Errno.last.rawValue == ENOPROTOOPT { return nil }
    throw NetlinkError(.last, "look up the network namespace's number")
  }
}
