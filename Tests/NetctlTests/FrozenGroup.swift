import Glibc
import Linux
import TestSupport

/// A cgroup of a test's own whose processes are frozen: the freezer of cgroups of version 1.
final class FrozenGroup {
  private static let root = "/sys/fs/cgroup/freezer"
  let path: String

  /// Whether this machine has such cgroups, and lets us make one.
  static let isPossible: Bool = {
    let path = "\(root)/netctl-trial-\(getpid())"
    guard mkdir(path, 0o755) == 0 else { return false }
    let isFreezer = access("\(path)/freezer.state", W_OK) == 0
    return rmdir(path) == 0 && isFreezer
  }()

  /// Moves a process into a new group, and freezes it.
  init(with process: Int32) throws {
    path = "\(FrozenGroup.root)/netctl-test-\(getpid())-\(process)"
    guard mkdir(path, 0o755) == 0 else { throw SystemError(.last, "make \(path)") }
    try write("\(process)", "cgroup.procs")
    try write("FROZEN", "freezer.state")
    let deadline = Deadline(milliseconds: Int32(Patience.forAnswer.rawValue))
    while try !state.hasPrefix("FROZEN") {
      guard deadline.remaining > 0 else { throw Command.Failure(description: "\(path) does not freeze: \(try state)") }
    }
  }

  deinit { try? remove() }

  private var state: String { get throws { String(decoding: try FileSystem.read("\(path)/freezer.state"), as: UTF8.self) } }

  private func write(_ text: String, _ file: String) throws {
    let file = try OwnedFile("\(path)/\(file)", flags: .writeOnly)
    try file.write(Array(text.utf8))
  }

  /// Thaws what is in it, puts that back where everything is, and takes the group away.
  func remove() throws {
    guard access(path, F_OK) == 0 else { return }
    try write("THAWED", "freezer.state")
    let all = try OwnedFile("\(FrozenGroup.root)/cgroup.procs", flags: .writeOnly)
    let deadline = Deadline(milliseconds: Int32(Patience.forAnswer.rawValue))
    while rmdir(path) != 0 {
      guard deadline.remaining > 0 else { throw SystemError(.last, "remove \(path)") }
      for line in String(decoding: try FileSystem.read("\(path)/cgroup.procs"), as: UTF8.self).split(separator: "\n") {
        // It may just have ended.
        try? all.write(Array(line.utf8))
      }
    }
  }
}
