import Glibc
import Linux
import Synchronization
import Testing

@testable import Cgroups

/// A cgroup of a test's own, removed with everything in it when the test is over.
final class TestCgroup {
  /// Where it was made: `berth-tests/…` below the test's own cgroup.
  let name: String
  let cgroup: Cgroup

  private static let count = Atomic(0)

  /// Makes a cgroup, in all hierarchies or only in those given.
  init(_ limits: CgroupLimits = CgroupLimits(), in hierarchies: [CgroupHierarchy]? = nil) throws {
    name = TestCgroup.freshName()
    cgroup = try Cgroup.create(name: name, limits: limits, in: hierarchies ?? CgroupHierarchy.mounted())
  }

  deinit {
    do {
      try cgroup.kill()
      try cgroup.remove()
      // The last test to end takes what all have in common.
      for folder in cgroup.folders { rmdir(FileSystem.folder(of: folder)) }
    } catch { Issue.record("a cgroup of a test stays: \(error)") }
  }

  /// A name that no other test uses.
  static func freshName() -> String {
    "berth-tests/\(getpid())-\(count.add(1, ordering: .relaxed).newValue)"
  }

  /// Whether any hierarchy of the kind is mounted with controllers.
  static let version = try? CgroupVersion.current()

  /// What is written in a file of the cgroup that holds the controller.
  func value(_ file: String, of controller: CgroupController) throws -> String {
    let place = try #require(cgroup.place(of: controller))
    return try ControlFile.read("\(place.folder)/\(file)").trimmed
  }
}
