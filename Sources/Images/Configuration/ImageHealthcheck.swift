/// How a container's health is asked for; times in nanoseconds, 0 for the default.
public struct ImageHealthcheck: Equatable, Sendable {
  /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", "text"]`; empty to inherit.
  public var test: [String] = []
  /// Between two checks.
  public var interval: Int64 = 0
  /// For one check.
  public var timeout: Int64 = 0
  /// Failures in this time after the start do not count.
  public var startPeriod: Int64 = 0
  /// Between two checks in the start period.
  public var startInterval: Int64 = 0
  /// So many failures one after another make it unhealthy.
  public var retries: Int64 = 0

  /// Nothing said.
  public init() {}
}
