import Glibc
import Linux

extension Cgroup {
  /// Removes the folders and what was made below them, waiting until the processes have ended; fails after `milliseconds`.
  ///
  /// What lies above, such as `berth`, stays for the next container.
  public func remove(within milliseconds: Int32 = 10_000) throws(CgroupError) {
    let deadline = Deadline(milliseconds: milliseconds)
    // Nobody has to be waited for in most cases: a container's processes have ended before its init is reported to.
    if removeFolders() { return }
    repeat {
      try waitUntilEmpty(deadline)
      if removeFolders() { return }
      sched_yield()
    } while deadline.remaining > 0
    throw CgroupError("cannot remove \(folders.joined(separator: ", ")): something in it is still in use", code: .busy)
  }

  /// Whether all folders have gone.
  private func removeFolders() -> Bool {
    var haveGone = true
    for folder in folders {
      if unsafe rmdir(folder) == 0 || Errno.last == .noEntry { continue }
      for place in CgroupFolder.tree(folder) where unsafe rmdir(place) != 0 && Errno.last != .noEntry { haveGone = false }
    }
    return haveGone
  }

  private func waitUntilEmpty(_ deadline: Deadline) throws(CgroupError) {
    do throws(SystemError) {
      if let unifiedFolder, FileSystem.isFolder(unifiedFolder) {
        _ = try CgroupEvents(of: unifiedFolder).wait(for: "populated", 0, until: deadline)
      }
    } catch {
      if error.code != .noEntry { throw CgroupError(error) }
    }
    // Version 1 tells nobody: its processes are waited for one by one.
    while true {
      let processes = try processes()
      if processes.isEmpty { return }
      do throws(SystemError) {
        for process in processes {
          guard let descriptor = try ProcessDescriptor(process) else { continue }
          if try descriptor.waitForEnd(until: deadline) { continue }
          throw SystemError(.busy, "remove \(folders[0]): process \(process) is still in it")
        }
      } catch { throw CgroupError(error) }
    }
  }
}
