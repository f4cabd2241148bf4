import Cgroups
import Glibc
import Linux
import TestSupport
import Testing

@testable import Cgroups

/// With all hierarchies that are mounted, and with those of version 1 alone.
enum Hierarchies: CaseIterable {
  case all
  case version1

  /// Nil where the machine has nothing of the kind.
  func mounted() throws -> [CgroupHierarchy]? {
    let mounted = try CgroupHierarchy.mounted()
    switch self {
    case .all: return mounted
    case .version1:
      let ofOne = mounted.filter { $0.version == .one }
      return ofOne.contains { $0.controllers.contains(.freezer) } ? ofOne : nil
    }
  }
}

@Suite("A cgroup's life")
struct LifeTests {
  @Test("frozen processes answer nothing until they are thawed", arguments: Hierarchies.allCases)
  func freezes(hierarchies: Hierarchies) throws {
    guard let mounted = try hierarchies.mounted() else { return }
    let test = try TestCgroup(in: mounted), member = try Member("while read line; do echo $line; done", in: test.cgroup)
    try member.say("one")
    #expect(member.line() == "one")
    #expect(try !test.cgroup.isFrozen())
    try test.cgroup.freeze()
    #expect(try test.cgroup.isFrozen())
    try member.say("two")
    #expect(try !member.speaks(within: 100))
    try test.cgroup.thaw()
    #expect(member.line() == "two")
    #expect(try !test.cgroup.isFrozen())
  }

  @Test("an empty cgroup can be frozen and thawed", arguments: Hierarchies.allCases)
  func freezesNothing(hierarchies: Hierarchies) throws {
    guard let mounted = try hierarchies.mounted() else { return }
    let test = try TestCgroup(in: mounted)
    try test.cgroup.freeze()
    try test.cgroup.thaw()
  }

  @Test("all processes are killed, also frozen ones and their children", arguments: Hierarchies.allCases, [true, false])
  func kills(hierarchies: Hierarchies, isFrozen: Bool) throws {
    guard let mounted = try hierarchies.mounted() else { return }
    let test = try TestCgroup(in: mounted)
    let member = try Member("sleep 1000 & sleep 1000 & echo started; wait", in: test.cgroup)
    #expect(member.line() == "started")
    #expect(try test.cgroup.processes().count == 3)
    #expect(try test.cgroup.processes().contains(member.id))
    if isFrozen { try test.cgroup.freeze() }
    try test.cgroup.kill()
    #expect(member.status() == 128 + SIGKILL)
    try test.cgroup.remove()
    #expect(try test.cgroup.processes().isEmpty)
  }

  @Test("removal waits for the last process, and takes what the container made below it", arguments: Hierarchies.allCases)
  func removes(hierarchies: Hierarchies) throws {
    guard let mounted = try hierarchies.mounted() else { return }
    let test = try TestCgroup(in: mounted), member = try Member("read line", in: test.cgroup)
    for folder in test.cgroup.folders { try FileSystem.createFolders("\(folder)/inner/most") }
    let error = #expect(throws: CgroupError.self) { try test.cgroup.remove(within: 0) }
    #expect(error?.code == .busy)
    try member.say("end")
    try test.cgroup.remove()
    #expect(test.cgroup.folders.allSatisfy { !FileSystem.isFolder($0) })
    try test.cgroup.remove()
  }

  @Test("a leftover of the same name is replaced, with its limits; one that is in use is not")
  func leftovers() throws {
    let test = try TestCgroup(CgroupLimits(processes: 7))
    let again = try Cgroup.create(name: test.name)
    #expect(again == test.cgroup)
    #expect(try again.statistics().processLimit == nil)
    let member = try Member("read line", in: test.cgroup)
    let error = #expect(throws: CgroupError.self) { try Cgroup.create(name: test.name) }
    #expect(error?.code == .busy)
    #expect(error?.description.contains("is in use") == true)
    #expect(try test.cgroup.processes() == [member.id])
  }

  @Test("a cgroup is found again by its folders and by its name, and leftovers are listed")
  func foundAgain() throws {
    let test = try TestCgroup()
    #expect(try Cgroup(folders: test.cgroup.folders) == test.cgroup)
    #expect(try Set(Cgroup(existing: test.name).folders) == Set(test.cgroup.folders))
    #expect(try Cgroup.names(below: "berth-tests").contains(String(test.name.split(separator: "/")[1])))
    try test.cgroup.remove()
    #expect(try Cgroup(folders: test.cgroup.folders).folders.isEmpty)
    #expect(try Cgroup(existing: test.name).folders.isEmpty)
  }

  @Test("statistics tell what the processes use")
  func statistics() throws {
    let test = try TestCgroup(CgroupLimits(memory: 128 << 20, processes: 20))
    let before = try test.cgroup.statistics()
    let hold = "import sys\nb = bytearray(32 << 20)\nprint(1, flush=True)\nsys.stdin.readline()"
    let member = try Member("exec /usr/bin/python3 -c '\(hold)'", in: test.cgroup)
    #expect(member.line() == "1")
    let now = try test.cgroup.statistics()
    #expect(try #require(now.memory) >= 32 << 20)
    #expect(try #require(now.memory) < 128 << 20)
    #expect(now.memoryLimit == 128 << 20)
    #expect(now.processes == 1)
    #expect(now.processLimit == 20)
    #expect(try #require(now.cpuTime) > 0)
    #expect(try #require(now.cpuPercentage(since: before)) > 0)
    #expect(try #require(now.memoryPercentage) >= 25)
    #expect(now.blockBytesRead != nil)
    withExtendedLifetime(member) {}
  }

  @Test(
    "cached pages of files that were read once are not counted as memory in use",
    .enabled(if: (try? Folder("/var/tmp").fileSystemType().isVolatile) == false, "files on a tmpfs are no cache"))
  func cache() throws {
    let path = "/var/tmp/berth-tests-\(getpid())"
    defer { _ = try? FileSystem.remove(path) }
    let test = try TestCgroup(CgroupLimits(memory: 256 << 20))
    let member = try Member("head -c 67108864 /dev/zero > \(path); sync; cat \(path) > /dev/null; echo read; read line", in: test.cgroup)
    #expect(member.line() == "read")
    #expect(try #require(test.cgroup.statistics().memory) < 48 << 20)
  }

  @Test("a process of the test can be moved in")
  func adds() throws {
    let test = try TestCgroup(), other = try TestCgroup(), member = try Member("read line", in: other.cgroup)
    try test.cgroup.add(member.id)
    #expect(try test.cgroup.processes() == [member.id])
    #expect(try other.cgroup.processes().isEmpty)
  }
}
