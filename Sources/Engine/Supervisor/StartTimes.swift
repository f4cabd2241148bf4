internal import Glibc
internal import JSON
internal import Linux

/// How long the parts of one start take, in microseconds: a line of JSON in the file that the variable BERTH_TIMES names, for benchmarks.
struct StartTimes {
  private let path: String?
  private var parts: [(String, JSONValue)] = []
  private var last: UInt64 = 0

  /// Begins the first part, if anybody wants to know.
  init() {
    path = getenv("BERTH_TIMES").map { String(cString: $0) }
    if path != nil { last = StartTimes.now }
  }

  /// A part has ended, and the next one begins.
  mutating func end(_ part: String) {
    guard path != nil else { return }
    let now = StartTimes.now
    parts.append((part, .integer(Int64((now - last) / 1000))))
    last = now
  }

  /// Writes the line.
  func write() throws(SystemError) {
    guard let path else { return }
    let line = JSONValue.object(JSONObject(parts)).text + "\n"
    try OwnedFile(path, flags: [.writeOnly, .create, .append], mode: 0o644).write(Array(line.utf8))
  }

  private static var now: UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
