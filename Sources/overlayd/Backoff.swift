/// How long to wait before something is tried again: longer each time, and never the same for two hosts.
struct Backoff {
  private var failures = 0
  private let limit: Double

  /// Begins with a tenth of a second and ends with `limit` seconds.
  init(limit: Double = 30) { self.limit = limit }

  /// The next distance.
  mutating func next() -> Duration {
    let longest = min(limit, 0.1 * Double(1 << min(failures, 20)))
    failures += 1
    return .milliseconds(Int64(1000 * .random(in: longest / 2...longest)))
  }

  /// Begins anew, because something has succeeded.
  mutating func reset() { failures = 0 }
}
