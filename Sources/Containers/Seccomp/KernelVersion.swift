import Glibc

/// The first two numbers of a kernel's version.
struct KernelVersion: Comparable {
  let major: Int
  let minor: Int

  /// Parses `6.1`, `6.1.0-38-amd64`.
  init?(_ text: String) {
    let numbers = text.split(separator: ".", maxSplits: 2).map { Int($0.prefix { $0.isNumber }) }
    guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
    (self.major, self.minor) = (major, minor)
  }

  private init(major: Int, minor: Int) { (self.major, self.minor) = (major, minor) }

  /// The running kernel's.
  static var current: KernelVersion {
    var name = utsname()
    uname(&name)
    let release = withUnsafeBytes(of: name.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return KernelVersion(release) ?? KernelVersion(major: 0, minor: 0)
  }

  static func < (left: KernelVersion, right: KernelVersion) -> Bool { (left.major, left.minor) < (right.major, right.minor) }
}
