internal import Glibc

/// The present as configuration files have it: RFC 3339 in UTC with nanoseconds.
enum CreationTime {
  static func now() -> String {
    var time = timespec(), parts = tm(), text = [CChar](repeating: 0, count: 32)
    clock_gettime(CLOCK_REALTIME, &time)
    gmtime_r(&time.tv_sec, &parts)
    let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%S", &parts)
    let fraction = String(time.tv_nsec)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) + "."
      + String(repeating: "0", count: 9 - fraction.utf8.count) + fraction + "Z"
  }
}
