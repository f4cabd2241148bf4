/// A number of bytes as people write it: `512`, `64m`, `1.5g`, `10kb`, `2GiB`.
public struct ByteCount: Equatable, Sendable {
  /// The number.
  public let bytes: Int64

  /// Reads a size in powers of 1024, as docker does; nil for anything else.
  public init?(_ text: String) {
    let lower = text.lowercased()
    let digits = lower.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    var unit = lower.dropFirst(digits.count).drop { $0 == " " }
    guard let number = Double(digits), number.isFinite, number >= 0 else { return nil }
    if unit.hasSuffix("ib") { unit = unit.dropLast(2) } else if unit.hasSuffix("b") { unit = unit.dropLast() }
    guard let power = ["", "k", "m", "g", "t", "p"].firstIndex(of: String(unit)) else { return nil }
    let bytes = (0..<power).reduce(number) { value, _ in value * 1024 }
    guard bytes < 9e18 else { return nil }
    self.bytes = Int64(bytes)
  }

  /// As docker prints memory: powers of 1024, four digits: `1.953GiB`, `512KiB`.
  public static func binary(_ bytes: UInt64) -> String { format(Double(bytes), 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]) }

  /// As docker prints traffic and file sizes: powers of 1000, three or four digits: `1.2kB`.
  public static func decimal(_ bytes: UInt64, digits: Int = 3) -> String {
    format(Double(bytes), 1000, ["B", "kB", "MB", "GB", "TB", "PB"], digits: digits)
  }

  private static func format(_ bytes: Double, _ base: Double, _ units: [String], digits: Int = 4) -> String {
    var value = bytes, unit = 0
    while value >= base, unit + 1 < units.count {
      value /= base
      unit += 1
    }
    return significant(value, digits) + units[unit]
  }

  /// The number with so many digits, without zeros at the end of its fraction.
  private static func significant(_ value: Double, _ digits: Int) -> String {
    var places = digits - 1, limit = 10.0
    while value >= limit, places > 0 {
      limit *= 10
      places -= 1
    }
    let scale = (0..<places).reduce(1.0) { power, _ in power * 10 }
    let rounded = Int64((value * scale).rounded())
    var fraction = String(rounded % Int64(scale))
    fraction = String(repeating: "0", count: max(0, places - fraction.count)) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let whole = String(rounded / Int64(scale))
    return fraction.isEmpty || places == 0 ? whole : "\(whole).\(fraction)"
  }
}
