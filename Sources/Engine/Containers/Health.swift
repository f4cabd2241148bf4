/// What the last checks of a container's health said.
public struct Health: JSONRecord {
  /// docker's words.
  public enum Status: String, Sendable {
    /// No check has said anything that counts.
    case starting
    /// The last check succeeded.
    case healthy
    /// Too many checks failed one after another.
    case unhealthy
  }

  /// One check.
  public struct Check: JSONRecord {
    /// When it began.
    public var start = ""
    /// When it ended.
    public var end = ""
    /// Its exit code; -1 after its timeout.
    public var exitCode: Int32 = 0
    /// What it printed, 4096 bytes at the most.
    public var output = ""

    /// No check.
    public init() {}

    /// Names its fields.
    public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
      try fields.field("start", &start)
      try fields.field("end", &end)
      try fields.field("exitCode", &exitCode)
      try fields.field("output", &output)
    }
  }

  /// The verdict.
  public var status = Status.starting
  /// How many checks failed one after another.
  public var failures = 0
  /// The last five checks.
  public var checks: [Check] = []

  /// Not checked yet.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("status", &status)
    try fields.field("failingStreak", &failures)
    try fields.field("log", &checks)
  }
}
