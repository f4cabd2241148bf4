/// Numbers as people read them.
enum Quantity {
  /// `512 B`, `1.5 kB`, `20 MB`: powers of 1000.
  static func bytes(_ count: UInt64) -> String {
    var value = Double(count), unit = 0
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
    while value >= 999.5 && unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    let rounded = (value * 10).rounded() / 10
    return unit == 0 || rounded >= 10 ? "\(Int(value.rounded())) \(units[unit])" : "\(rounded) \(units[unit])"
  }

  /// `12 s`, `3 min`, `5 h`, `9 d`: the largest unit that fits.
  static func age(_ seconds: Int) -> String {
    switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) d"
    }
  }

  /// `1 process`, `2 processes`.
  static func count(_ number: Int, _ one: String, _ many: String) -> String { number == 1 ? "1 \(one)" : "\(number) \(many)" }
}
