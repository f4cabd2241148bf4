import Cgroups
import Linux
import TestSupport
import Testing

@testable import Cgroups

@Suite("Limits that cannot be kept")
struct RefusalTests {
  @Test(
    "a value that makes no sense is refused, with what was expected",
    arguments: [
      (CgroupLimits(memory: 1000), "memory 1000: expected at least 6291456 bytes (6m)"),
      (CgroupLimits(memorySwap: .total(1 << 30)), "memory-swap 1073741824: expected a limit of memory as well"),
      (
        CgroupLimits(memory: 1 << 30, memorySwap: .total(1 << 20)),
        "memory-swap 1048576: expected memory and swap together, so at least the limit of memory (1073741824), or -1"
      ),
      (CgroupLimits(cpuShares: 1), "cpu-shares 1: expected 2 to 262144"),
      (CgroupLimits(cpuSet: "0-"), "cpuset-cpus 0-: expected numbers and ranges, as in 0-2,4"),
      (CgroupLimits(cpuSet: ""), "cpuset-cpus : expected numbers and ranges, as in 0-2,4"),
      (CgroupLimits(memoryNodes: "x"), "cpuset-mems x: expected numbers and ranges, as in 0-2,4"),
      (CgroupLimits(processes: 0), "pids-limit 0: expected at least 1, or -1 for no limit"),
    ])
  func refuses(limits: CgroupLimits, message: String) throws {
    let error = #expect(throws: CgroupError.self) { try Cgroup.create(name: TestCgroup.freshName(), limits: limits) }
    #expect(error?.description == message)
  }

  @Test("more CPUs than the machine has are refused", arguments: [5_000_000, 1_000_000_000_000])
  func refusesCPUs(nanoCPUs: UInt64) throws {
    let error = #expect(throws: CgroupError.self) { try CgroupLimits(nanoCPUs: nanoCPUs).validate() }
    #expect(error?.description.contains("expected 0.01 to") == true)
    #expect(throws: CgroupError.self) { try CgroupLimits(cpuSet: "0,4095").validate() }
  }

  @Test("a limit whose controller is not mounted is one clear error, and leaves nothing behind", .networkNamespace)
  func notMounted() throws {
    let others = try CgroupHierarchy.mounted().filter { $0.version == .one && !$0.controllers.contains(.processes) }
    let name = TestCgroup.freshName()
    let error = #expect(throws: CgroupError.self) { try Cgroup.create(name: name, limits: CgroupLimits(processes: 10), in: others) }
    #expect(error?.description == "cannot limit processes to 10: the controller pids is not mounted")
    #expect(try Cgroup.names(below: "berth-tests").contains(String(name.split(separator: "/")[1])) == false)
  }

  @Test("where no cgroups are mounted everything works that needs none", .networkNamespace)
  func nothingMounted() throws {
    try Command.run("mount -t tmpfs none /sys/fs/cgroup")
    let cgroup = try Cgroup.create(name: "berth-tests/none", limits: CgroupLimits(devices: .unrestricted))
    #expect(cgroup.folders.isEmpty)
    #expect(try cgroup.statistics().cpuTime == nil)
    #expect(try cgroup.processes().isEmpty)
    try cgroup.kill()
    #expect(throws: CgroupError.self) { try cgroup.freeze() }
    try cgroup.remove()
    let error = #expect(throws: CgroupError.self) { try Cgroup.create(name: "berth-tests/none", limits: CgroupLimits(memory: 1 << 30)) }
    #expect(error?.description == "cannot limit memory to 1073741824 bytes: the controller memory is not mounted")
  }

  @Test("cgroups that may only be read are no error unless a limit is asked", .networkNamespace)
  func readOnly() throws {
    for hierarchy in try CgroupHierarchy.mounted() { try Command.run("mount -o remount,bind,ro \(hierarchy.mountPoint)") }
    #expect(try Cgroup.create(name: "berth-tests/read-only", limits: CgroupLimits(devices: .unrestricted)).folders.isEmpty)
    let error = #expect(throws: CgroupError.self) { try Cgroup.create(name: "berth-tests/read-only", limits: CgroupLimits(processes: 9)) }
    #expect(error?.description.hasPrefix("cannot limit processes to 9: create /sys/fs/cgroup") == true)
    #expect(error?.code == .readOnly)
  }
}
