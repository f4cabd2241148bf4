import Glibc
import Linux

/// The file `cgroup.events` of version 2, which wakes whoever waits for it when it changes.
struct CgroupEvents: ~Copyable {
  private let file: OwnedFile

  init(of folder: String) throws(SystemError) { file = try OwnedFile("\(folder)/cgroup.events") }

  /// Waits until the line `name` says `value`; false if it still does not at the deadline.
  func wait(for name: String, _ value: UInt64, until deadline: Deadline) throws(SystemError) -> Bool {
    while true {
      // The change that comes after this reading ends the wait.
      try file.rewind()
      let text = String(decoding: try file.readToEnd(), as: UTF8.self)
      if ControlFile.number(name, of: text) == value { return true }
      guard try file.wait(for: Int16(POLLPRI), until: deadline) else { return false }
    }
  }
}
