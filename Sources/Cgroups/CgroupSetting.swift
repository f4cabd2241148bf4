/// One value in one file of a cgroup.
struct CgroupSetting {
  /// What was asked, for messages: `limit memory to 64 bytes`.
  let purpose: String
  let controller: CgroupController
  let file: String
  let value: String
  /// Whether the setting only refines another one, and is left out where the kernel does not have it.
  var isOptional = false
}

extension CgroupLimits {
  /// The period that CPU time is handed out in, in microseconds.
  private static let period: UInt64 = 100_000

  /// What to write where. Version 1 never lets the limit of memory exceed that of memory and swap together, so whichever has to make room for
  /// the other comes first.
  func settings(_ version: CgroupHierarchy.Version, raisesMemory: Bool) -> [CgroupSetting] {
    (version == .two ? memorySettings2 : raisesMemory ? memorySettings1.reversed() : memorySettings1) + cpuSettings(version)
      + cpuSetSettings + processSettings
  }

  /// The total of memory and swap: twice the memory unless something else was asked.
  private var total: MemorySwap? { memorySwap ?? memory.map { .total($0.multipliedReportingOverflow(by: 2).overflow ? .max : $0 * 2) } }

  private var memorySettings1: [CgroupSetting] {
    var settings: [CgroupSetting] = []
    if let memory {
      settings.append(
        CgroupSetting(purpose: "limit memory to \(memory) bytes", controller: .memory, file: "memory.limit_in_bytes", value: "\(memory)"))
    }
    if let total {
      settings.append(
        CgroupSetting(
          purpose: swapPurpose, controller: .memory, file: "memory.memsw.limit_in_bytes", value: total.text(unlimited: "-1") { $0 },
          isOptional: memorySwap == nil))
    }
    return settings
  }

  private var memorySettings2: [CgroupSetting] {
    var settings: [CgroupSetting] = []
    if let memory {
      settings.append(
        CgroupSetting(purpose: "limit memory to \(memory) bytes", controller: .memory, file: "memory.max", value: "\(memory)"))
    }
    if let total {
      let memory = memory ?? 0
      settings.append(
        CgroupSetting(
          purpose: swapPurpose, controller: .memory, file: "memory.swap.max", value: total.text(unlimited: "max") { $0 - min(memory, $0) },
          isOptional: memorySwap == nil))
    }
    return settings
  }

  private var swapPurpose: String {
    switch memorySwap {
    case .total(let bytes): "limit memory and swap to \(bytes) bytes"
    case .unlimited, nil: "leave swap unlimited"
    }
  }

  private func cpuSettings(_ version: CgroupHierarchy.Version) -> [CgroupSetting] {
    var settings: [CgroupSetting] = []
    if let nanoCPUs {
      let purpose = "limit CPU time to \(Double(nanoCPUs) / 1e9) CPUs", period = CgroupLimits.period,
        quota = nanoCPUs / (1_000_000_000 / period)
      // The quota of a new cgroup of version 1 is unlimited, and its period 100 ms.
      settings.append(
        version == .one
          ? CgroupSetting(purpose: purpose, controller: .cpu, file: "cpu.cfs_quota_us", value: "\(quota)")
          : CgroupSetting(purpose: purpose, controller: .cpu, file: "cpu.max", value: "\(quota) \(period)"))
    }
    if let cpuShares {
      let purpose = "set the CPU shares to \(cpuShares)"
      settings.append(
        version == .one
          ? CgroupSetting(purpose: purpose, controller: .cpu, file: "cpu.shares", value: "\(cpuShares)")
          : CgroupSetting(purpose: purpose, controller: .cpu, file: "cpu.weight", value: "\(CgroupLimits.weight(ofShares: cpuShares))"))
    }
    return settings
  }

  /// Shares of version 1, 2…262144, as a weight of version 2, 1…10000: the line that leads through both ends.
  static func weight(ofShares shares: UInt64) -> UInt64 { 1 + (min(max(shares, 2), 262_144) - 2) * 9999 / 262_142 }

  private var cpuSetSettings: [CgroupSetting] {
    var settings: [CgroupSetting] = []
    if let cpuSet {
      settings.append(CgroupSetting(purpose: "use only the CPUs \(cpuSet)", controller: .cpuSet, file: "cpuset.cpus", value: cpuSet))
    }
    if let memoryNodes {
      settings.append(
        CgroupSetting(purpose: "use only the memory nodes \(memoryNodes)", controller: .cpuSet, file: "cpuset.mems", value: memoryNodes))
    }
    return settings
  }

  private var processSettings: [CgroupSetting] {
    guard let processes else { return [] }
    return [
      CgroupSetting(purpose: "limit processes to \(processes)", controller: .processes, file: "pids.max", value: "\(processes)")
    ]
  }
}

extension CgroupLimits.MemorySwap {
  fileprivate func text(unlimited: String, _ swap: (UInt64) -> UInt64) -> String {
    switch self {
    case .unlimited: unlimited
    case .total(let bytes): "\(swap(bytes))"
    }
  }
}
