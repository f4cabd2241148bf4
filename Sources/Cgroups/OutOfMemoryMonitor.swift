import CLinux
import Glibc
public import Linux

/// Reports when a cgroup runs out of memory, as a descriptor for poll(2) and epoll(7).
///
/// The event may come a moment before the kernel has chosen and killed a process, and version 1 sends one when the cgroup is removed; what
/// happened is told by `Cgroup.outOfMemoryKills`.
public struct OutOfMemoryMonitor: ~Copyable {
  /// An eventfd in version 1, the file `memory.events` in version 2.
  public let file: OwnedFile
  /// What to wait for: POLLIN in version 1, POLLPRI in version 2.
  public let events: Int16

  /// Takes the event, so that the descriptor reports the next one.
  public func acknowledge() {
    // What is read does not matter, and an eventfd without an event answers EAGAIN.
    try? file.rewind()
    _ = try? file.readToEnd()
  }
}

extension Cgroup {
  /// Watches for a lack of memory from now on; nil if nobody counts the cgroup's memory.
  public func outOfMemoryMonitor() throws(CgroupError) -> OutOfMemoryMonitor? {
    guard let place = place(of: .memory) else { return nil }
    do throws(SystemError) {
      if place.version == .one { return try Cgroup.monitor(memoryFolder: place.folder) }
      let monitor = OutOfMemoryMonitor(file: try OwnedFile("\(place.folder)/memory.events"), events: Int16(POLLPRI))
      // The file reports changes since it was last read.
      monitor.acknowledge()
      return monitor
    } catch {
      // The controller is not enabled.
      if error.code == .noEntry { return nil }
      throw CgroupError(error)
    }
  }

  private static func monitor(memoryFolder folder: String) throws(SystemError) -> OutOfMemoryMonitor {
    let event = clinux_event_counter()
    if event < 0 { throw SystemError(Errno(rawValue: -event), "create an eventfd") }
    let file = OwnedFile(adopting: event), control = try OwnedFile("\(folder)/memory.oom_control")
    try ControlFile.write("\(event) \(control.descriptor)", to: "\(folder)/cgroup.event_control")
    return OutOfMemoryMonitor(file: file, events: Int16(POLLIN))
  }
}
