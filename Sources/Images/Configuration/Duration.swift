/// A length of time as Go writes it: `1h30m`, `1.5s`, `100ms`.
enum Duration {
  private static let units: [(String, Double)] = [("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)]

  /// Nanoseconds; nil if the text is something else.
  static func nanoseconds(_ text: String) -> Int64? {
    if text == "0" { return 0 }
    var rest = Substring(text), total = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let number = rest.prefix { $0.isNumber || $0 == "." }
      rest = rest.dropFirst(number.count)
      let name = rest.prefix { !$0.isNumber }
      rest = rest.dropFirst(name.count)
      guard let value = Double(number), let unit = units.first(where: { $0.0 == name }) else { return nil }
      total += value * unit.1
    }
    return total < 9.2e18 ? Int64(total) : nil
  }
}
