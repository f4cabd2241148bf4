internal import Linux

/// A process that cannot be mistaken for a later one with the same number: number and start time, proc(5).
public struct ProcessIdentity: JSONRecord, Hashable {
  /// The process ID.
  public private(set) var processID: Int32 = 0
  /// When it started: clock ticks since the boot, field 22 of `/proc/PID/stat`.
  public private(set) var startTime: UInt64 = 0

  /// Nobody.
  public init() {}

  /// Joins a number and a start time.
  public init(processID: Int32, startTime: UInt64) {
    self.processID = processID
    self.startTime = startTime
  }

  /// The process that has this number now; nil if there is none, or only one that has ended and is not reaped.
  public init?(running processID: Int32) {
    guard let status = ProcessStatus(running: processID) else { return nil }
    self.init(processID: processID, startTime: status.startTime)
  }

  /// Whether the process runs, and is still the same one.
  public var isRunning: Bool { processID > 0 && ProcessIdentity(running: processID) == self }

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("pid", &processID)
    try fields.field("startTime", &startTime)
  }
}
