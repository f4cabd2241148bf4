internal import Linux

/// How often something may be put back: five times within ten seconds, then after a pause that doubles each time, up to a minute. Somebody who
/// keeps removing it is not fought without end.
struct RepairPace {
  private var recent: [Int64] = []
  private var pause: Int64 = 0
  /// When the next repair may come, in nanoseconds of the watch's own clock; 0 for now.
  private(set) var earliest: Int64 = 0

  private static let second: Int64 = 1_000_000_000

  /// Notes a repair; answers for how many seconds the next one has to wait, nil for not at all.
  mutating func note(_ now: Int64) -> Int? {
    if let last = recent.last, now - last > 60 * RepairPace.second + pause { pause = 0 }
    recent = recent.filter { now - $0 < 10 * RepairPace.second + pause } + [now]
    guard recent.count > 5 else { return nil }
    pause = min(max(RepairPace.second, 2 * pause), 60 * RepairPace.second)
    earliest = now + pause
    return Int(pause / RepairPace.second)
  }
}
