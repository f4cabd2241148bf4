import Cgroups
import Glibc
import Linux
import TestSupport
import Testing

@testable import Cgroups

@Suite("Limits of a cgroup")
struct LimitTests {
  @Test("a process that takes more memory than allowed is killed, and that is reported")
  func memory() throws {
    let test = try TestCgroup(CgroupLimits(memory: 32 << 20, memorySwap: .total(32 << 20)))
    guard let monitor = try test.cgroup.outOfMemoryMonitor() else { throw CgroupError("nobody counts the memory") }
    #expect(try test.cgroup.outOfMemoryKills() == 0)
    let member = try Member("exec /usr/bin/python3 -c 'b = bytearray(256 << 20)'", in: test.cgroup)
    #expect(member.status() == 128 + SIGKILL)
    #expect(try test.cgroup.outOfMemoryKills() == 1)
    var request = pollfd(fd: monitor.file.descriptor, events: monitor.events, revents: 0)
    #expect(poll(&request, 1, 60_000) == 1)
    monitor.acknowledge()
    #expect(poll(&request, 1, 0) == 0)
  }

  @Test("a process that stays below the limit of memory lives, and none is reported")
  func enoughMemory() throws {
    let test = try TestCgroup(CgroupLimits(memory: 64 << 20))
    #expect(try Member("exec /usr/bin/python3 -c 'b = bytearray(16 << 20)'", in: test.cgroup).status() == 0)
    #expect(try test.cgroup.outOfMemoryKills() == 0)
  }

  @Test("a process that uses more CPU time than its quota is throttled")
  func quota() throws {
    let test = try TestCgroup(CgroupLimits(nanoCPUs: 100_000_000))
    let burn = "import time\nwhile time.process_time() < 0.06: pass"
    #expect(try Member("exec /usr/bin/python3 -c '\(burn)'", in: test.cgroup).status() == 0)
    #expect(try #require(test.cgroup.statistics().throttledPeriods) > 0)
  }

  @Test("without a quota nothing is throttled")
  func noQuota() throws {
    let test = try TestCgroup()
    let burn = "import time\nwhile time.process_time() < 0.06: pass"
    #expect(try Member("exec /usr/bin/python3 -c '\(burn)'", in: test.cgroup).status() == 0)
    #expect(try test.cgroup.statistics().throttledPeriods == 0)
  }

  @Test("fork fails where the limit of processes is reached")
  func processes() throws {
    let test = try TestCgroup(CgroupLimits(processes: 3))
    let fork = """
      import os, errno, signal
      children = []
      try:
        while True:
          child = os.fork()
          if child == 0: signal.pause()
          children.append(child)
      except OSError as error:
        print(len(children), errno.errorcode[error.errno])
      for child in children: os.kill(child, signal.SIGKILL)
      """
    #expect(try Member("exec /usr/bin/python3 -c '\(fork)'", in: test.cgroup).line() == "2 EAGAIN")
  }

  @Test("a process runs on the CPUs that were asked")
  func cpuSet() throws {
    let test = try TestCgroup(CgroupLimits(cpuSet: "0"))
    let member = try Member("grep Cpus_allowed_list /proc/self/status", in: test.cgroup)
    #expect(member.line() == "Cpus_allowed_list:\t0")
  }

  @Test("CPU shares are set in version 1, and become a weight in version 2")
  func shares() throws {
    let test = try TestCgroup(CgroupLimits(cpuShares: 512))
    if test.cgroup.place(of: .cpu)?.version == .one {
      #expect(try test.value("cpu.shares", of: .cpu) == "512")
    } else {
      #expect(try test.value("cpu.weight", of: .cpu) == "20")
    }
  }

  @Test(
    "the ends and docker's default of the shares become the weights that every runtime sets",
    arguments: [(2, 1), (1024, 39), (262_144, 10_000)])
  func weights(shares: UInt64, weight: UInt64) { #expect(CgroupLimits.weight(ofShares: shares) == weight) }

  @Test("memory and swap together are twice the memory unless something else is asked")
  func swap() throws {
    func swap(_ limits: CgroupLimits) throws -> String {
      let test = try TestCgroup(limits)
      let isOne = test.cgroup.place(of: .memory)?.version == .one
      return try test.value(isOne ? "memory.memsw.limit_in_bytes" : "memory.swap.max", of: .memory)
    }
    let isOne = TestCgroup.version == .one, size: UInt64 = 64 << 20
    #expect(try swap(CgroupLimits(memory: size)) == "\(isOne ? 2 * size : size)")
    #expect(try swap(CgroupLimits(memory: size, memorySwap: .total(size * 3))) == "\(isOne ? 3 * size : 2 * size)")
    #expect(try swap(CgroupLimits(memory: size, memorySwap: .total(size))) == "\(isOne ? size : 0)")
    let unlimited = try swap(CgroupLimits(memory: size, memorySwap: .unlimited))
    #expect(isOne ? UInt64(unlimited)! > 1 << 60 : unlimited == "max")
  }

  @Test("limits of a running container can be raised and lowered")
  func updates() throws {
    let test = try TestCgroup(CgroupLimits(memory: 64 << 20, processes: 5))
    for memory: UInt64 in [256 << 20, 32 << 20] {
      try test.cgroup.update(CgroupLimits(memory: memory))
      #expect(try test.cgroup.statistics().memoryLimit == memory)
    }
    #expect(try test.cgroup.statistics().processLimit == 5)
  }
}
