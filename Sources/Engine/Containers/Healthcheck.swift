/// How a container's health is asked for; times in nanoseconds, 0 for the default, as images store them.
public struct Healthcheck: JSONRecord, Equatable {
  /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", "text"]`; empty to inherit.
  public var test: [String] = []
  /// Between two checks; 30 s if 0.
  public var interval: Int64 = 0
  /// For one check; 30 s if 0.
  public var timeout: Int64 = 0
  /// Failures in this time after the start do not count.
  public var startPeriod: Int64 = 0
  /// So many failures one after another make it unhealthy; 3 if 0.
  public var retries = 0

  /// Nothing said.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("test", &test)
    try fields.field("interval", &interval)
    try fields.field("timeout", &timeout)
    try fields.field("startPeriod", &startPeriod)
    try fields.field("retries", &retries)
  }
}
