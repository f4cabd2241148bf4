/// What a data plane has done since it was started.
public struct DataPlaneStatistics: Equatable, Sendable {
  /// Requests that changed something in the kernel.
  public var changes: UInt64 = 0
  /// Times that something was put back that somebody had removed or changed.
  public var repairs: UInt64 = 0
  /// Times that wanted and present were compared.
  public var reconciliations: UInt64 = 0
  /// How long the last comparison took with all it changed, in nanoseconds.
  public var lastNanoseconds: Int64 = 0
  /// How long all of them took.
  public var totalNanoseconds: Int64 = 0
  /// Entries and devices that the kernel refuses, in words; empty if all is as wanted.
  public var faults: [String] = []
  /// Whether a goal has been reached since the start.
  public var isInPlace = false

  /// Nothing done.
  public init() {}
}
