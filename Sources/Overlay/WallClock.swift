import Glibc

/// The time of day, which may jump: for what is written down and compared between hosts.
public enum WallClock {
  /// Milliseconds since 1970-01-01 00:00 UTC.
  public static var milliseconds: Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Seconds since 1970-01-01 00:00 UTC.
  public static var seconds: Int64 { milliseconds / 1000 }
}
