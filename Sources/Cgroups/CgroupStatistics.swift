/// What the processes of a cgroup use and have used. Figures that this machine's cgroups cannot tell are nil.
public struct CgroupStatistics: Equatable, Sendable {
  /// When the figures were read, in nanoseconds of a clock that never goes back: for rates between two readings.
  public var moment: UInt64 = 0
  /// CPU time used so far, in nanoseconds, over all CPUs.
  public var cpuTime: UInt64?
  /// How often all processes had to wait because their quota was used up.
  public var throttledPeriods: UInt64?
  /// Bytes in use, without the page cache that has not been used lately: as docker counts.
  public var memory: UInt64?
  /// The limit of memory in bytes, or the machine's memory if there is none.
  public var memoryLimit: UInt64?
  /// Processes and threads now.
  public var processes: UInt64?
  /// The limit of processes and threads; nil if there is none.
  public var processLimit: UInt64?
  /// Bytes read from block devices.
  public var blockBytesRead: UInt64?
  /// Bytes written to block devices.
  public var blockBytesWritten: UInt64?

  /// No figures.
  public init() {}

  /// Percent of one CPU used since an earlier reading: 200 is two whole CPUs. Nil when a figure is missing or no time has passed.
  public func cpuPercentage(since earlier: CgroupStatistics) -> Double? {
    guard let cpuTime, let before = earlier.cpuTime, moment > earlier.moment, cpuTime >= before else { return nil }
    return Double(cpuTime - before) / Double(moment - earlier.moment) * 100
  }

  /// Percent of the limit in use.
  public var memoryPercentage: Double? {
    guard let memory, let memoryLimit, memoryLimit > 0 else { return nil }
    return Double(memory) / Double(memoryLimit) * 100
  }
}
