internal import Linux
internal import OverlayDataPlane
internal import Synchronization

/// What others may ask at any time: kept by the agent, read by the HTTP server.
final class HealthReport: Sendable {
  /// The figures.
  struct Figures: Sendable {
    var isReady = false
    var obstacle = "starting"
    var peers = 0
    var unreachable = 0
    var leases = 0
    var claims: UInt64 = 0
    var conflicts: UInt64 = 0
    var storeFailures: UInt64 = 0
    var isStoreLost = false
    var lastContact: Int64 = 0
    var statistics = DataPlaneStatistics()
    var dropped: (received: UInt64, sent: UInt64) = (0, 0)
    var heartbeat = Stopwatch()
  }

  private let figures = Mutex(Figures())

  /// Changes figures.
  func update(_ body: (inout sending Figures) -> Void) { figures.withLock { body(&$0) } }

  /// The figures now.
  var current: Figures { figures.withLock { $0 } }
}
