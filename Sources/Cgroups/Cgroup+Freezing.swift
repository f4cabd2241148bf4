import Glibc
import Linux

extension Cgroup {
  /// Stops all processes, and returns when they stand. Fails after 10 s, with the processes running again, if one cannot be stopped.
  ///
  /// Version 2 tells by an event when they stand; version 1 has none, so its freezer is asked again until they do.
  public func freeze() throws(CgroupError) {
    do throws(SystemError) {
      let deadline = Deadline(milliseconds: 10_000)
      if let unifiedFolder {
        try ControlFile.write("1", to: "\(unifiedFolder)/cgroup.freeze")
        if try CgroupEvents(of: unifiedFolder).wait(for: "frozen", 1, until: deadline) { return }
      } else if let freezer {
        try ControlFile.write("FROZEN", to: freezer)
        while deadline.remaining > 0 {
          if try ControlFile.read(freezer).trimmed == "FROZEN" { return }
          sched_yield()
        }
      } else {
        throw SystemError(.notSupported, "freeze: no freezer is mounted that this user may use")
      }
    } catch { throw CgroupError(error) }
    try thaw()
    throw CgroupError("the processes of \(folders.first ?? "a cgroup") could not be stopped within 10 s")
  }

  /// Lets all processes go on.
  public func thaw() throws(CgroupError) {
    do throws(SystemError) {
      if let unifiedFolder { try ControlFile.write("0", to: "\(unifiedFolder)/cgroup.freeze") }
      if unifiedFolder == nil, let freezer { try ControlFile.write("THAWED", to: freezer) }
    } catch { throw CgroupError(error) }
  }

  /// Whether all processes stand.
  public func isFrozen() throws(CgroupError) -> Bool {
    do throws(SystemError) {
      if let unifiedFolder { return try ControlFile.number("frozen", in: "\(unifiedFolder)/cgroup.events") == 1 }
      if let freezer { return try ControlFile.readIfPresent(freezer)?.trimmed == "FROZEN" }
      return false
    } catch { throw CgroupError(error) }
  }

  /// Whether there is anything to freeze with.
  public var canFreeze: Bool { unifiedFolder != nil || freezer != nil }

  /// The file of version 1.
  private var freezer: String? {
    guard let place = place(of: .freezer), place.version == .one else { return nil }
    return "\(place.folder)/freezer.state"
  }
}
