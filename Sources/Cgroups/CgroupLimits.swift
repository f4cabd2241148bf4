/// What a container may use of the machine; nil means that nothing is limited.
public struct CgroupLimits: Equatable, Sendable {
  /// Bytes of memory, caches included: `--memory`.
  public var memory: UInt64?
  /// `--memory-swap`: how much memory and swap together.
  public var memorySwap: MemorySwap?
  /// Billionths of a CPU: `--cpus 1.5` is 1 500 000 000. It becomes a quota in periods of 100 ms.
  public var nanoCPUs: UInt64?
  /// The weight beside other cgroups when CPUs are scarce, 1024 by default: `--cpu-shares`.
  public var cpuShares: UInt64?
  /// The CPUs to run on, a list as in `0-2,4`: `--cpuset-cpus`.
  public var cpuSet: String?
  /// The memory nodes to use, a list as in `0-1`: `--cpuset-mems`.
  public var memoryNodes: String?
  /// How many processes and threads there may be at once: `--pids-limit`.
  public var processes: UInt64?
  /// Which device files may be opened and created.
  public var devices: DevicePolicy

  /// A total of memory and swap.
  public enum MemorySwap: Equatable, Sendable {
    /// As much as there is: `--memory-swap -1`.
    case unlimited
    /// Bytes of memory and swap together, so no less than the limit of memory.
    case total(UInt64)
  }

  /// No limits, and docker's usual devices.
  public init(
    memory: UInt64? = nil, memorySwap: MemorySwap? = nil, nanoCPUs: UInt64? = nil, cpuShares: UInt64? = nil, cpuSet: String? = nil,
    memoryNodes: String? = nil, processes: UInt64? = nil, devices: DevicePolicy = .standard()
  ) {
    self.memory = memory
    self.memorySwap = memorySwap
    self.nanoCPUs = nanoCPUs
    self.cpuShares = cpuShares
    self.cpuSet = cpuSet
    self.memoryNodes = memoryNodes
    self.processes = processes
    self.devices = devices
  }
}
