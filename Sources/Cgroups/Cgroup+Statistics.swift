import Glibc
import Linux

extension Cgroup {
  /// What its processes use now and have used.
  public func statistics() throws(CgroupError) -> CgroupStatistics {
    do throws(SystemError) {
      var statistics = CgroupStatistics()
      var time = timespec()
      unsafe clock_gettime(CLOCK_MONOTONIC, &time)
      statistics.moment = UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
      try addCPU(to: &statistics)
      try addMemory(to: &statistics)
      try addProcesses(to: &statistics)
      try addBlockDevices(to: &statistics)
      return statistics
    } catch { throw CgroupError(error) }
  }

  /// How many of its processes the kernel has killed because memory was short.
  public func outOfMemoryKills() throws(CgroupError) -> UInt64 {
    do throws(SystemError) {
      guard let place = place(of: .memory) else { return 0 }
      let file = place.version == .one ? "memory.oom_control" : "memory.events"
      return try ControlFile.number("oom_kill", in: "\(place.folder)/\(file)") ?? 0
    } catch { throw CgroupError(error) }
  }

  private func addCPU(to statistics: inout CgroupStatistics) throws(SystemError) {
    if let place = place(of: .cpuAccounting) {
      statistics.cpuTime =
        if place.version == .one { try ControlFile.number("\(place.folder)/cpuacct.usage") } else {
          try ControlFile.number("usage_usec", in: "\(place.folder)/cpu.stat").map { $0 * 1000 }
        }
    }
    if let place = place(of: .cpu) {
      statistics.throttledPeriods = try ControlFile.number("nr_throttled", in: "\(place.folder)/cpu.stat")
    }
  }

  private func addMemory(to statistics: inout CgroupStatistics) throws(SystemError) {
    guard let place = place(of: .memory), let counters = try ControlFile.readIfPresent("\(place.folder)/memory.stat") else { return }
    let isOne = place.version == .one
    let usage = try ControlFile.number("\(place.folder)/\(isOne ? "memory.usage_in_bytes" : "memory.current")")
    let cache = ControlFile.number(isOne ? "total_inactive_file" : "inactive_file", of: counters) ?? 0
    // Cached pages of files that have not been used lately are given back at once when somebody needs memory.
    statistics.memory = usage.map { $0 - min($0, cache) }
    let limit = isOne ? ControlFile.number("hierarchical_memory_limit", of: counters) : try ControlFile.number("\(place.folder)/memory.max")
    let machine = UInt64(sysconf(Int32(_SC_PHYS_PAGES))) * UInt64(sysconf(Int32(_SC_PAGESIZE)))
    statistics.memoryLimit = min(limit ?? machine, machine)
  }

  private func addProcesses(to statistics: inout CgroupStatistics) throws(SystemError) {
    guard let place = place(of: .processes) else { return }
    statistics.processes = try ControlFile.number("\(place.folder)/pids.current")
    statistics.processLimit = try ControlFile.number("\(place.folder)/pids.max")
  }

  private func addBlockDevices(to statistics: inout CgroupStatistics) throws(SystemError) {
    guard let place = place(of: .blockDevices) else { return }
    let file = place.version == .one ? "blkio.throttle.io_service_bytes_recursive" : "io.stat"
    guard let text = try ControlFile.readIfPresent("\(place.folder)/\(file)") else { return }
    var read: UInt64 = 0, written: UInt64 = 0
    for line in text.split(separator: "\n") {
      // Version 1: "8:0 Read 4096". Version 2: "8:0 rbytes=4096 wbytes=0 rios=1 …".
      let words = line.split(separator: " ")
      if words.count == 3, words[1] == "Read" { read += UInt64(words[2]) ?? 0 }
      if words.count == 3, words[1] == "Write" { written += UInt64(words[2]) ?? 0 }
      for word in words where word.hasPrefix("rbytes=") { read += UInt64(word.dropFirst(7)) ?? 0 }
      for word in words where word.hasPrefix("wbytes=") { written += UInt64(word.dropFirst(7)) ?? 0 }
    }
    statistics.blockBytesRead = read
    statistics.blockBytesWritten = written
  }
}
