import Cgroups
import Glibc
import Linux
import TestSupport
import Testing

@testable import Cgroups

@Suite("Cgroups below the caller's own")
struct DelegationTests {
  @Test("everything is made below the caller's own cgroup")
  func below() throws {
    let outer = try TestCgroup(), member = try Member("read line", in: outer.cgroup)
    let inner = try TestCgroup(in: CgroupHierarchy.mounted(of: "\(member.id)"))
    // The caller's processes have moved down one level where they would be in the way.
    for folder in inner.cgroup.folders {
      #expect(outer.cgroup.folders.contains { folder.hasPrefix("\($0)/berth-tests/") }, "\(folder)")
    }
    #expect(inner.cgroup.folders.count == outer.cgroup.folders.count)
  }

  @Test("limits work below a cgroup that has processes, which stay within it", .enabled(if: TestCgroup.version == .two, "needs version 2"))
  func movesOut() throws {
    let outer = try TestCgroup(), member = try Member("read line", in: outer.cgroup)
    let folder = try #require(outer.cgroup.unifiedFolder)
    let inner = try TestCgroup(CgroupLimits(memory: 32 << 20, processes: 9), in: CgroupHierarchy.mounted(of: "\(member.id)"))
    #expect(try inner.cgroup.statistics().processLimit == 9)
    #expect(try CgroupFolder.processes(in: "\(folder)/berth-outer") == [member.id])
    // Whoever asks from there is led to the same place.
    let again = try CgroupHierarchy.mounted(of: "\(member.id)")
    #expect(again.map(\.base) == [folder])
    let second = try TestCgroup(CgroupLimits(processes: 8), in: again)
    #expect(try second.cgroup.statistics().processLimit == 8)
  }

  @Test(
    "a mount shows a cgroup's path relative to what it has as its root",
    arguments: [("/", "/a", "/a"), ("/a", "/a", "/"), ("/a", "/a/b", "/b"), ("/a", "/ab", nil), ("/", "/../x", nil), ("/a", "/", nil)])
  func paths(root: String, cgroup: String, expected: String?) throws {
    let line = Array("34 23 0:29 \(root) /sys/fs/cgroup/a\\040b rw,nosuid shared:9 - cgroup cgroup rw,memory".utf8)
    let mount = try #require(CgroupMount(line[...]))
    #expect(mount.path(of: cgroup) == expected)
    #expect(mount.point == "/sys/fs/cgroup/a b")
    #expect(mount.options == ["rw", "memory"])
  }
}
