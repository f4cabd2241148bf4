/// The limits that cgroups enforce; nil means unlimited.
public struct ResourceLimits: JSONRecord, Equatable {
  /// `--memory` in bytes.
  public var memory: Int64?
  /// `--memory-swap` in bytes: memory and swap together; -1 is unlimited swap.
  public var memorySwap: Int64?
  /// `--memory-reservation` in bytes.
  public var memoryReservation: Int64?
  /// `--cpus` in thousand-millionths of a processor, as docker's NanoCpus.
  public var nanoCPUs: Int64?
  /// `--cpu-shares`
  public var cpuShares: Int64?
  /// `--cpuset-cpus`
  public var processors: String?
  /// `--cpuset-mems`
  public var memoryNodes: String?
  /// `--pids-limit`; -1 is unlimited.
  public var processes: Int64?

  /// No limits.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("memory", &memory)
    try fields.field("memorySwap", &memorySwap)
    try fields.field("memoryReservation", &memoryReservation)
    try fields.field("nanoCpus", &nanoCPUs)
    try fields.field("cpuShares", &cpuShares)
    try fields.field("cpusetCpus", &processors)
    try fields.field("cpusetMems", &memoryNodes)
    try fields.field("pids", &processes)
  }
}
