import Glibc

/// Measures how long something takes, by a clock that never goes back.
public struct Stopwatch: Sendable {
  private let beginning: Int64

  /// Starts now.
  public init() { beginning = Stopwatch.now() }

  /// How many nanoseconds have passed since the start.
  public var nanoseconds: Int64 { Stopwatch.now() - beginning }

  /// Nanoseconds since some moment in the past: CLOCK_MONOTONIC.
  static func now() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
