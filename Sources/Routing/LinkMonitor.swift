import CLinux
import Glibc
import Linux
public import Netlink

/// Hears of every change of a link in one network namespace, from the moment it is made.
public struct LinkMonitor: ~Copyable {
  /// What happened to a link.
  public enum Event {
    /// It is new, or a property has changed.
    case changed(Link)
    /// It is gone for everybody.
    case removed(Link)
  }

  private var socket: NetlinkSocket

  /// Listens in the network namespace of the calling thread.
  public init() throws(NetlinkError) {
    socket = try NetlinkSocket(.route, groups: [UInt32(RTNLGRP_LINK.rawValue)])
  }

  /// Waits until `isAwaited` answers true to an event, or the time is up; answers which.
  ///
  /// When events were lost because too many came at once, `isAwaited` is asked with nil: look at the link itself. `alsoWakeOn` is a file whose
  /// becoming readable ends the wait too, with the answer false.
  public mutating func wait(
    milliseconds: Int32, alsoWakeOn file: Int32 = -1, until isAwaited: (Event?) throws(NetlinkError) -> Bool
  ) throws(NetlinkError) -> Bool {
    let deadline = Deadline(milliseconds: milliseconds)
    while true {
      let remaining = deadline.remaining
      guard remaining > 0 else { return false }
      var files = [pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0), pollfd(fd: file, events: Int16(POLLIN), revents: 0)]
      // The array has as many elements as the count says; a negative descriptor is skipped.
      let ready = unsafe poll(&files, 2, remaining)
      if ready < 0 && Errno.last != .interrupted { throw NetlinkError(.last, "wait for a link") }
      if ready > 0 && files[0].revents != 0 {
        if try receive(isAwaited) { return true }
      } else if ready > 0 && files[1].revents != 0 {
        return false
      }
    }
  }

  private mutating func receive(_ isAwaited: (Event?) throws(NetlinkError) -> Bool) throws(NetlinkError) -> Bool {
    var found = false
    do {
      _ = try socket.receiveEvents(milliseconds: 0) { (type, payload) throws(NetlinkError) in
        guard !found, let link = Link(payload: payload) else { return }
        if type == RTM_NEWLINK { found = try isAwaited(.changed(link)) }
        if type == RTM_DELLINK { found = try isAwaited(.removed(link)) }
      }
      return found
    } catch {
      guard error.code == .noBuffers else { throw error }
      return try isAwaited(nil)
    }
  }
}
