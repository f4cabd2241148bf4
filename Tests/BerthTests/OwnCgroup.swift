import Cgroups
import Glibc
import Linux
import Synchronization
import Testing

/// A cgroup of a test's own, in which its commands live with everything that they start; removed with all of it when the test is over.
final class OwnCgroup {
  private let cgroup: Cgroup
  private static let count = Atomic(0)

  init() throws {
    cgroup = try Cgroup.create(name: "berth-tests/\(getpid())-of-berth-\(OwnCgroup.count.add(1, ordering: .relaxed).newValue)")
    // Version 2 has no processes where controllers are passed on, so berth itself would move them there.
    if let folder = cgroup.unifiedFolder { try FileSystem.createFolders("\(folder)/berth-outer") }
  }

  deinit {
    do {
      try cgroup.kill()
      try cgroup.remove()
      for folder in cgroup.folders { rmdir(FileSystem.folder(of: folder)) }
    } catch { Issue.record("a cgroup of a test stays: \(error)") }
  }

  /// Words before a command that take it into the cgroup.
  var prefix: [String] {
    let files = cgroup.taskFiles + (cgroup.unifiedFolder.map { ["\($0)/berth-outer/cgroup.procs"] } ?? [])
    return ["/bin/sh", "-c", files.map { "echo 0 > \($0) && " }.joined() + #"exec "$@""#, "-"]
  }

  /// All processes in it and below.
  func processes() throws -> [Int32] { try cgroup.processes() }

  /// Kills all processes in it and below, as the power's going off would; returns when they have ended.
  ///
  /// Not by `cgroup.kill`: since Linux 6.14 processes that come here later could start none in a cgroup that is younger than that.
  func kill() throws {
    let deadline = Deadline(milliseconds: 60_000)
    while true {
      let processes = try processes()
      if processes.isEmpty { return }
      for process in processes { Glibc.kill(process, SIGKILL) }
      for process in processes { _ = try ProcessDescriptor(process)?.waitForEnd(until: deadline) }
    }
  }

  /// The folders below it.
  func folders() throws -> [String] {
    func below(_ folder: String) throws -> [String] {
      try FileSystem.names(in: folder).map { "\(folder)/\($0)" }.filter { FileSystem.isFolder($0) }.flatMap { try [$0] + below($0) }
    }
    return try cgroup.folders.flatMap { try below($0) }
  }
}
