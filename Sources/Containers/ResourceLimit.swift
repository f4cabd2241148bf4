import Glibc

/// A limit on what one process may use, setrlimit(2).
public struct ResourceLimit: Sendable, Equatable {
  /// RLIMIT_NOFILE…
  public let resource: Int32
  /// The limit's name in docker's notation: `nofile`.
  public let name: String
  /// What holds at first; UInt64.max is unlimited.
  public let soft: UInt64
  /// How far the process may raise it.
  public let hard: UInt64

  /// The limits by docker's names, with the kernel's numbers.
  private static let numbers: [(name: String, resource: Int32)] = [
    ("cpu", 0), ("fsize", 1), ("data", 2), ("stack", 3), ("core", 4), ("rss", 5), ("nproc", 6), ("nofile", 7), ("memlock", 8), ("as", 9),
    ("locks", 10), ("sigpending", 11), ("msgqueue", 12), ("nice", 13), ("rtprio", 14), ("rttime", 15),
  ]

  /// Parses `nofile=1024:2048`, `nproc=100`, `core=-1` (unlimited).
  public init(_ text: String) throws(ContainerError) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let found = ResourceLimit.numbers.first(where: { $0.name == parts[0] }) else {
      throw .invalid(
        "ulimit \"\(text)\": expected NAME=SOFT[:HARD] with one of \(ResourceLimit.numbers.map(\.name).joined(separator: ", "))")
    }
    let values = parts[1].split(separator: ":", omittingEmptySubsequences: false).map { $0 == "-1" ? UInt64.max : UInt64($0) }
    guard (1...2).contains(values.count), let soft = values[0], let hard = values[values.count - 1] else {
      throw .invalid("ulimit \"\(text)\": expected numbers, or -1 for unlimited")
    }
    guard soft <= hard else { throw .invalid("ulimit \"\(text)\": the soft limit is greater than the hard one") }
    (resource, name, self.soft, self.hard) = (found.resource, found.name, soft, hard)
  }
}
