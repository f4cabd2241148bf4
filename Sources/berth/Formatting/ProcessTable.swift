internal import Glibc
internal import Linux

/// The C structure, whose name is also that of a function.
private typealias FileStatusBuffer = stat

/// Processes as `ps -ef` shows them.
struct ProcessTable {
  /// The headings of docker's default `top`.
  static let headings = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]

  /// One line for each process that still runs, in the order of the headings.
  static func rows(_ processes: [Int32]) -> [[String]] { processes.compactMap { row($0) } }

  private static func row(_ pid: Int32) -> [String]? {
    guard let stat = try? FileSystem.readIfPresent("/proc/\(pid)/stat"), let end = stat.lastIndex(of: UInt8(ascii: ")")),
      let begin = stat.firstIndex(of: UInt8(ascii: "("))
    else { return nil }
    let fields = stat[(end + 2)...].split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
    guard fields.count > 20 else { return nil }
    var owner = FileStatusBuffer()
    _ = lstat("/proc/\(pid)", &owner)
    let user = getpwuid(owner.st_uid).map { String(cString: $0.pointee.pw_name) } ?? "\(owner.st_uid)"
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    let used = ((Double(fields[11]) ?? 0) + (Double(fields[12]) ?? 0)) / ticks, age = uptime() - (Double(fields[19]) ?? 0) / ticks
    let words =
      ((try? FileSystem.readIfPresent("/proc/\(pid)/cmdline")) ?? nil)?.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      ?? []
    let command = words.isEmpty ? "[\(String(decoding: stat[(begin + 1)..<end], as: UTF8.self))]" : words.joined(separator: " ")
    return [
      user, "\(pid)", fields[1], "\(age > 0 ? min(99, Int(used / age * 100)) : 0)", startTime(age), terminal(Int(fields[4]) ?? 0),
      clock(Int(used)), command,
    ]
  }

  private static func uptime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func startTime(_ age: Double) -> String {
    var moment = time(nil) - Int(age), parts = tm()
    localtime_r(&moment, &parts)
    var text = [CChar](repeating: 0, count: 16)
    strftime(&text, text.count, age > 86400 ? "%b%d" : "%H:%M", &parts)
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// tty_nr of proc(5): the major number in bits 8 to 15, pseudo terminals from 136 on.
  private static func terminal(_ number: Int) -> String {
    let major = number >> 8 & 0xff, minor = number & 0xff | number >> 12 & 0xfff00
    return (136...143).contains(major) ? "pts/\(minor)" : major == 4 ? "tty\(minor)" : "?"
  }

  private static func clock(_ seconds: Int) -> String {
    [seconds / 3600, seconds / 60 % 60, seconds % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
  }
}
