internal import Glibc

/// A moment of the wall clock, written as RFC 3339 with nanoseconds in UTC: `2026-11-21T14:26:33.000000001Z`.
public struct Timestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Nanoseconds since 1970-01-01 00:00 UTC.
  public var nanoseconds: Int64

  /// Makes a moment of nanoseconds since 1970.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The present.
  public static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// What docker shows for a time that never came.
  public static var never: String { "0001-01-01T00:00:00Z" }

  /// Seconds since 1970, rounded down.
  public var seconds: Int64 { nanoseconds >= 0 ? nanoseconds / 1_000_000_000 : (nanoseconds - 999_999_999) / 1_000_000_000 }

  /// Earlier before later.
  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

  /// Always nine digits of fraction, so that texts sort as the moments do.
  public var description: String {
    let days = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
    let second = seconds - days * 86400, (year, month, day) = Self.date(days)
    let date = "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(day, 2))"
    let time = "\(Self.digits(second / 3600, 2)):\(Self.digits(second / 60 % 60, 2)):\(Self.digits(second % 60, 2))"
    return "\(date)T\(time).\(Self.digits(nanoseconds - seconds * 1_000_000_000, 9))Z"
  }

  /// Reads RFC 3339 (`2026-11-21T14:26:33.5+01:00`), a date with or without a time of day (UTC), or seconds since 1970 with a fraction.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    if let dot = Self.unixTime(bytes) {
      nanoseconds = dot
      return
    }
    var reader = DigitReader(bytes)
    guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), (1...12).contains(month), reader.skip("-"),
      let day = reader.number(2), (1...31).contains(day)
    else { return nil }
    var total = Self.days(year, month, day) * 86400, fraction: Int64 = 0
    if reader.skip("T") || reader.skip(" ") {
      guard let hour = reader.number(2), hour < 24, reader.skip(":"), let minute = reader.number(2), minute < 60 else { return nil }
      total += hour * 3600 + minute * 60
      if reader.skip(":") {
        guard let second = reader.number(2), second < 61 else { return nil }
        total += second
        if reader.skip(".") {
          guard let value = reader.fraction() else { return nil }
          fraction = value
        }
      }
      if !reader.skip("Z"), let sign: Int64 = reader.skip("+") ? -1 : reader.skip("-") ? 1 : nil {
        guard let hour = reader.number(2), reader.skip(":"), let minute = reader.number(2) else { return nil }
        total += sign * (hour * 3600 + minute * 60)
      }
    }
    guard reader.isAtEnd else { return nil }
    nanoseconds = total * 1_000_000_000 + fraction
  }

  /// Nanoseconds of "1700000000.5"; nil if the text is something else.
  private static func unixTime(_ bytes: [UInt8]) -> Int64? {
    var reader = DigitReader(bytes), fraction: Int64 = 0
    guard let seconds = reader.number(nil), seconds < 1 << 33 else { return nil }
    if reader.skip(".") {
      guard let value = reader.fraction() else { return nil }
      fraction = value
    }
    return reader.isAtEnd ? seconds * 1_000_000_000 + fraction : nil
  }

  /// The date of a day counted from 1970-01-01, by the proleptic Gregorian calendar in eras of 400 years that begin in March.
  private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = days + 719_468, era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let march = (5 * dayOfYear + 2) / 153
    let month = march < 10 ? march + 3 : march - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
  }

  /// The reverse of `date`.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year, era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400, dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  private static func digits(_ number: Int64, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
  }
}

/// Reads numbers of a fixed length from text.
private struct DigitReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position == bytes.count }

  /// Passes over one character, if it is the next one.
  mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
    position += 1
    return true
  }

  /// A number of exactly so many digits, or of one to twelve.
  mutating func number(_ count: Int?) -> Int64? {
    let digits = bytes[position...].prefix { (48...57).contains($0) }
    guard !digits.isEmpty, digits.count <= 12, count == nil || digits.count == count else { return nil }
    position += digits.count
    return digits.reduce(0) { $0 * 10 + Int64($1 - 48) }
  }

  /// Digits after a point, as nanoseconds.
  mutating func fraction() -> Int64? {
    let digits = bytes[position...].prefix { (48...57).contains($0) }
    guard !digits.isEmpty, digits.count <= 9 else { return nil }
    position += digits.count
    return digits.reduce(0) { $0 * 10 + Int64($1 - 48) } * (0..<(9 - digits.count)).reduce(1) { power, _ in power * 10 }
  }
}
