/// A moment in the future by a clock that never goes back.
public struct Deadline: Sendable {
  private let moment: Int64

  /// The moment so many milliseconds from now.
  public init(milliseconds: Int32) { moment = Deadline.now() + Int64(milliseconds) }

  /// How many milliseconds are left; 0 when the moment has passed.
  public var remaining: Int32 { Int32(clamping: max(0, moment - Deadline.now())) }

  private static func now() -> Int64 { Stopwatch.now() / 1_000_000 }
}
