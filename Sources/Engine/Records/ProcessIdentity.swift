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
    guard processID > 0, let content = try? FileSystem.readIfPresent("/proc/\(processID)/stat", limit: 4096),
      let stat = ProcessIdentity.fields(content), stat.state != UInt8(ascii: "Z"), stat.state != UInt8(ascii: "X")
    else { return nil }
    self.init(processID: processID, startTime: stat.startTime)
  }

  /// Whether the process runs, and is still the same one.
  public var isRunning: Bool { processID > 0 && ProcessIdentity(running: processID) == self }

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("pid", &processID)
    try fields.field("startTime", &startTime)
  }

  /// State and start time. The name before them is in parentheses, and may itself hold blanks and parentheses.
  private static func fields(_ content: [UInt8]) -> (state: UInt8, startTime: UInt64)? {
    guard let end = content.lastIndex(of: UInt8(ascii: ")")), end + 2 < content.count else { return nil }
    let words = content[(end + 2)...].split(separator: UInt8(ascii: " "))
    guard words.count > 19, let state = words[0].first else { return nil }
    return UInt64(String(decoding: words[19], as: UTF8.self)).map { (state, $0) }
  }
}
