import Linux
import OverlayControl
import Synchronization

/// A data plane on a thread of its own, so that repairs wait for nobody: not for a store, not for a slow reader of statistics.
public final class DataPlaneThread: Sendable {
  private struct Shared {
    var goal: DataPlaneGoal?
    var statistics = DataPlaneStatistics()
    var isOver = false
  }

  private let shared = Mutex(Shared())
  private let wakeUp = WakeUp()

  /// Starts the thread in the network namespace of the calling one.
  ///
  /// `underlayChanged` is called on the thread when links or addresses of the underlay may have changed, `finished` after each round of work.
  public init(
    underlayChanged: @escaping @Sendable () -> Void, finished: @escaping @Sendable (DataPlaneStatistics) -> Void
  ) {
    BackgroundThread.start { [self] in run(underlayChanged, finished) }
  }

  /// Sets what the kernel is to hold from now on, and returns at once.
  public func pursue(_ goal: DataPlaneGoal) {
    shared.withLock { $0.goal = goal }
    wakeUp.signal()
  }

  /// What has been done so far.
  public var statistics: DataPlaneStatistics { shared.withLock { $0.statistics } }

  /// Ends the thread; what the kernel holds stays.
  public func stop() {
    shared.withLock { $0.isOver = true }
    wakeUp.signal()
  }

  /// How long it waits before it tries again what the kernel refused, in milliseconds.
  private static let retryDistance: Int32 = 2000

  /// After how many milliseconds it looks again at what the kernel tells nobody of, when that took so many nanoseconds: two seconds and, with so many
  /// peers that it would take more than a two hundredth of the time, up to ten.
  private static func inspectionDistance(_ nanoseconds: Int64 = 0) -> Int32 {
    Int32(clamping: min(10_000, max(2_000, nanoseconds / 5_000)))
  }

  private func run(_ underlayChanged: () -> Void, _ finished: (DataPlaneStatistics) -> Void) {
    while true {
      do {
        return try keep(underlayChanged, finished)
      } catch {
        shared.withLock { $0.statistics.faults = ["\(error)"] }
        finished(statistics)
        _ = WakeUp.wait(for: [wakeUp.descriptor], milliseconds: DataPlaneThread.retryDistance)
        wakeUp.acknowledge()
        if shared.withLock({ $0.isOver }) { return }
      }
    }
  }

  private func keep(_ underlayChanged: () -> Void, _ finished: (DataPlaneStatistics) -> Void) throws {
    var dataPlane = try DataPlane()
    var pursued: DataPlaneGoal?
    var inspection = Deadline(milliseconds: DataPlaneThread.inspectionDistance())
    while true {
      let (goal, isOver) = shared.withLock { ($0.goal, $0.isOver) }
      if isOver { return }
      if let goal, goal != pursued {
        dataPlane.pursue(goal)
        pursued = goal
      }
      if dataPlane.takeUnderlayChange() { underlayChanged() }
      if dataPlane.statistics != statistics {
        let statistics = dataPlane.statistics
        shared.withLock { $0.statistics = statistics }
        finished(statistics)
      }
      let hasFaults = !dataPlane.statistics.faults.isEmpty
      let pause = hasFaults ? DataPlaneThread.retryDistance : dataPlane.needsInspection ? inspection.remaining : -1
      let ready = WakeUp.wait(for: [dataPlane.descriptor, wakeUp.descriptor], milliseconds: pause)
      wakeUp.acknowledge()
      if ready[0] { dataPlane.repair() } else if hasFaults && !ready[1] { dataPlane.retry() }
      if dataPlane.needsInspection, inspection.remaining == 0 {
        let stopwatch = Stopwatch()
        dataPlane.inspect()
        inspection = Deadline(milliseconds: DataPlaneThread.inspectionDistance(stopwatch.nanoseconds))
      }
    }
  }
}
