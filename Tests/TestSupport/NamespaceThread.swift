import CLinux
import Dispatch
import Foundation
import Glibc
import Linux
import Synchronization

/// A thread with a network and a mount namespace of its own, on which the tasks of one test run.
///
/// `/run` and `/var/lib` are empty and writable there, `/etc` is a copy that can be changed, and `/sys` shows the new network namespace and the
/// machine's cgroups.
final class NamespaceThread: TaskExecutor {
  private let jobs = Mutex<[UnownedJob]>([])
  private let work = DispatchSemaphore(value: 0)
  private let failure = Mutex<SystemError?>(nil)

  init() {
    let thread = Thread { [self] in
      failure.withLock { $0 = NamespaceThread.makeNamespaces() }
      while let job = next() { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
    work.signal()
  }

  /// Lets the thread end after its last job; its namespaces go with it.
  func stop() { work.signal() }

  /// Throws what went wrong while the namespaces were made.
  func check() throws {
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// The next job, or nil after `stop`.
  private func next() -> UnownedJob? {
    work.wait()
    return jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }

  /// Answers what went wrong, if anything.
  private static func makeNamespaces() -> SystemError? {
    do throws(SystemError) {
      try unshareAndMount()
      return nil
    } catch { return error }
  }

  private static func unshareAndMount() throws(SystemError) {
    try returnToProcess()
    let result = clinux_unshare(CLONE_NEWNET | CLONE_NEWNS)
    guard result == 0 else { throw SystemError(Errno(rawValue: -result), "unshare the namespaces of a test (it takes root)") }
    try mount("none", "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE), nil)
    try mount("tmpfs", "/run", "tmpfs", 0, nil)
    try mount("tmpfs", "/var/lib", "tmpfs", 0, nil)
    try FileSystem.createFolders("/run/test/etc")
    try FileSystem.createFolders("/run/test/work")
    try mount("overlay", "/etc", "overlay", 0, "lowerdir=/etc,upperdir=/run/test/etc,workdir=/run/test/work")
    // The new network namespace has a /sys of its own, in which nobody has mounted the cgroups.
    let cgroups = try? OwnedFile("/sys/fs/cgroup", flags: [.place, .folder])
    try mount("sysfs", "/sys", "sysfs", 0, nil)
    if let cgroups {
      try mount("/proc/thread-self/fd/\(cgroups.descriptor)", "/sys/fs/cgroup", nil, UInt(MS_BIND) | UInt(MS_REC), nil)
    }
  }

  /// A new thread is in the namespaces of the one that made it, which may be another test's: goes to those of the process's first thread.
  private static func returnToProcess() throws(SystemError) {
    for (name, kind) in [("mnt", CLONE_NEWNS), ("net", CLONE_NEWNET)] {
      let first = try OwnedFile("/proc/\(getpid())/ns/\(name)"), own = try OwnedFile("/proc/thread-self/ns/\(name)")
      if try first.identity() == own.identity() { continue }
      // A thread that shares root and working folder with others may not change its mounts.
      guard clinux_unshare(CLONE_FS) == 0, clinux_enter_namespace(first.descriptor, kind) == 0 else {
        throw SystemError(.last, "return to the process's namespaces")
      }
    }
  }

  private static func mount(_ source: String, _ target: String, _ kind: String?, _ flags: UInt, _ options: String?) throws(SystemError) {
    let result =
      if let options { options.withCString { Glibc.mount(source, target, kind, flags, $0) } } else {
        Glibc.mount(source, target, kind, flags, nil)
      }
    guard result == 0 else { throw SystemError(.last, "mount \(target)") }
  }
}
