import Glibc
import Linux

extension CgroupLimits {
  /// Refuses what the kernel or this machine cannot keep, naming the option, the value and what was expected.
  public func validate() throws(CgroupError) {
    if let memory, memory < 6 << 20 {
      throw CgroupError("memory \(memory): expected at least 6291456 bytes (6m)")
    }
    if case .total(let total) = memorySwap {
      guard let memory else { throw CgroupError("memory-swap \(total): expected a limit of memory as well") }
      guard total >= memory else {
        throw CgroupError("memory-swap \(total): expected memory and swap together, so at least the limit of memory (\(memory)), or -1")
      }
    }
    let count = UInt64(max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    if let nanoCPUs, nanoCPUs < 10_000_000 || nanoCPUs > count * 1_000_000_000 {
      throw CgroupError("cpus \(Double(nanoCPUs) / 1e9): expected 0.01 to \(count), the number of CPUs of this machine")
    }
    if let cpuShares, !(2...262_144).contains(cpuShares) {
      throw CgroupError("cpu-shares \(cpuShares): expected 2 to 262144")
    }
    if let processes, processes == 0 { throw CgroupError("pids-limit 0: expected at least 1, or -1 for no limit") }
    try CgroupLimits.validate(cpuSet, option: "cpuset-cpus", available: "/sys/devices/system/cpu/online")
    try CgroupLimits.validate(memoryNodes, option: "cpuset-mems", available: "/sys/devices/system/node/online")
  }

  private static func validate(_ list: String?, option: String, available file: String) throws(CgroupError) {
    guard let list else { return }
    guard let wanted = NumberList(list) else { throw CgroupError("\(option) \(list): expected numbers and ranges, as in 0-2,4") }
    let online: String?
    do { online = try ControlFile.readIfPresent(file)?.trimmed } catch { throw CgroupError(error) }
    guard let online, let present = NumberList(online) else { return }
    guard wanted.isSubset(of: present) else { throw CgroupError("\(option) \(list): expected a part of what is available, \(online)") }
  }
}
