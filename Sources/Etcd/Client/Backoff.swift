/// How long to wait before the next attempt: longer after each round through all members, and never the same for two hosts.
struct Backoff {
  private let members: Int
  private var failures = 0

  /// For a cluster with so many members.
  init(members: Int) { self.members = members }

  /// Nothing to wait for any more.
  mutating func reset() { failures = 0 }

  /// The distance to the next attempt. Another member is tried at once, more or less: a thousand hosts that lose one do not come to the next
  /// in the same moment. When all have failed, up to a quarter of a second, and twice as long after each round, up to 10 s.
  mutating func next() -> Duration {
    defer { failures += 1 }
    let round = (failures + 1) / members
    if round == 0 { return .milliseconds(Int.random(in: 0...100)) }
    let longest = min(10_000, 250 << min(round - 1, 10))
    return .milliseconds(Int.random(in: longest / 2...longest))
  }
}
