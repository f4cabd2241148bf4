/// A span of time as Go's programs write it: `300ms`, `1m30s`, `2h`.
public struct Duration: Equatable, Sendable {
  /// Its length.
  public let nanoseconds: Int64

  /// Makes a span of nanoseconds.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Reads numbers with units, one after another; nil for anything else.
  public init?(_ text: String) {
    if text == "0" {
      nanoseconds = 0
      return
    }
    let units: [(String, Double)] = [("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)]
    var rest = text[...], total = 0.0
    guard !text.isEmpty else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(digits.count)
      let word = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(word.count)
      guard let number = Double(digits), let unit = units.first(where: { $0.0 == word })?.1 else { return nil }
      total += number * unit
    }
    guard total < 9e18 else { return nil }
    nanoseconds = Int64(total)
  }

  /// `1m30s`, as Go prints it.
  public var goText: String {
    if nanoseconds == 0 { return "0s" }
    let seconds = nanoseconds / 1_000_000_000
    if seconds == 0 { return nanoseconds % 1_000_000 == 0 ? "\(nanoseconds / 1_000_000)ms" : "\(nanoseconds)ns" }
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    return (hours > 0 ? "\(hours)h" : "") + (hours > 0 || minutes > 0 ? "\(minutes)m" : "") + "\(seconds % 60)s"
  }

  /// As docker says how long ago something was: `3 minutes`, `About an hour`.
  public var inWords: String {
    let seconds = nanoseconds / 1_000_000_000, minutes = seconds / 60, hours = (seconds + 1800) / 3600
    switch seconds {
    case ..<1: return "Less than a second"
    case 1: return "1 second"
    case ..<60: return "\(seconds) seconds"
    default: break
    }
    if minutes == 1 { return "About a minute" }
    if minutes < 60 { return "\(minutes) minutes" }
    switch hours {
    case 1: return "About an hour"
    case ..<48: return "\(hours) hours"
    case ..<(24 * 7 * 2): return "\(hours / 24) days"
    case ..<(24 * 30 * 2): return "\(hours / 24 / 7) weeks"
    case ..<(24 * 365 * 2): return "\(hours / 24 / 30) months"
    default: return "\(hours / 24 / 365) years"
    }
  }
}
