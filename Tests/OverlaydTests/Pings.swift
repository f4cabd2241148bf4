import Addresses
import Glibc
import Linux
import TestSupport
import Testing

/// Packets from one container to another every 20 ms, for as long as a test does something that must not cost any of them.
final class Pings {
  private let program: BackgroundProgram
  private let namespace: TestNamespace
  private let target: String

  /// Begins when the first answer has come.
  init(from container: OverlayContainer, to other: OverlayContainer) throws {
    let target = try other.address(.v4)
    namespace = container.namespace
    self.target = target
    program = try namespace.run {
      try Command.run("ping -q -c 1 -w 60 \(target)")
      return try BackgroundProgram(["ping", "-i", "0.02", target], log: "/run/ping.\(UInt32.random(in: 0 ... .max))")
    }
  }

  /// Ends, and expects that no packet stayed without an answer while later ones got theirs. What ping(8) itself counts as lost may just have been
  /// on its way.
  func expectNoLoss(_ location: SourceLocation = #_sourceLocation) throws {
    _ = try namespace.run { try Command.run("ping -q -c 5 -i 0.1 -w 60 \(target)") }
    program.end(SIGINT)
    let answered = Set(program.text.matches(of: /icmp_seq=(\d+)/).compactMap { Int($0.1) })
    let last = try #require(answered.max(), sourceLocation: location)
    let lost = Set(1...last).subtracting(answered).sorted()
    #expect(lost.isEmpty, "of \(last) packets", sourceLocation: location)
  }
}
