import CLinux
import Linux
public import Netlink

/// Hears of every change of an IPv6 address in one network namespace, from the moment it is made.
public struct AddressMonitor: ~Copyable {
  private var socket: NetlinkSocket

  /// Listens in the network namespace of the calling thread.
  public init() throws(NetlinkError) {
    socket = try NetlinkSocket(.route, groups: [UInt32(RTNLGRP_IPV6_IFADDR.rawValue)])
  }

  /// Asks `isSettled` at once and after every change, until it answers true or the time is up; answers which.
  public mutating func wait(milliseconds: Int32, until isSettled: () throws(NetlinkError) -> Bool) throws(NetlinkError) -> Bool {
    let deadline = Deadline(milliseconds: milliseconds)
    while try !isSettled() {
      guard deadline.remaining > 0 else { return false }
      do { _ = try socket.receiveEvents(milliseconds: deadline.remaining) { (_, _) throws(NetlinkError) in } } catch {
        // Lost events are no harm: the question is asked again anyway.
        guard error.code == .noBuffers else { throw error }
      }
    }
    return true
  }
}
