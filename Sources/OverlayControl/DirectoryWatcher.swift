import Linux
import Overlay

/// Follows a directory store on a thread of its own.
struct DirectoryWatcher: Sendable {
  private let store: DirectoryStore
  private let end: WakeUp
  private let report: @Sendable (StoreEvent) -> Void

  init(_ store: DirectoryStore, _ end: WakeUp, report: @escaping @Sendable (StoreEvent) -> Void) {
    self.store = store
    self.end = end
    self.report = report
  }

  /// How often it looks without being told, in milliseconds: for changes that another machine has made.
  private static let interval: Int32 = 2000
  /// The shortest time between two looks, in milliseconds: what many hosts write at once is read at once.
  private static let gap: Int32 = 20

  /// Reports until `end` is signalled.
  func run() {
    while !isOver(after: 0) {
      do throws(StoreError) { try follow() } catch {
        report(.failed(error))
        _ = isOver(after: 500)
      }
    }
  }

  private func follow() throws(StoreError) {
    let watch: FileWatch
    do {
      try FileSystem.createFolders(store.path)
      watch = try FileWatch("\(store.path)/config.json")
    } catch { throw StoreError(error) }
    var scan = try store.scan()
    var known = scan.contents(store.lifetime), expiry = scan.nextExpiry
    report(.contents(known))
    while !isOver(after: DirectoryWatcher.gap) {
      let now = WallClock.milliseconds
      let pause = min(Int64(DirectoryWatcher.interval), expiry.map { max(0, $0 - now) } ?? .max)
      _ = WakeUp.wait(for: [watch.descriptor, end.descriptor], milliseconds: Int32(clamping: pause))
      watch.acknowledge()
      if expiry ?? .max > WallClock.milliseconds, try store.isCurrent(scan) {
        report(.contact)
        continue
      }
      let next = try store.scan(since: scan)
      let contents = next.contents(store.lifetime)
      report(contents.event(since: known, rewritten: next.rewritten(since: scan)) ?? .contact)
      (scan, known, expiry) = (next, contents, next.nextExpiry)
    }
  }

  private func isOver(after milliseconds: Int32) -> Bool { WakeUp.wait(for: [end.descriptor], milliseconds: milliseconds)[0] }
}

extension StoreContents {
  /// What has changed since `last`, and the leases that were `rewritten` all the same; everything, if it concerns records that cannot be read;
  /// nil if nothing has.
  func event(since last: StoreContents, rewritten: Set<LeaseKey> = []) -> StoreEvent? {
    if faults != last.faults { return .contents(self) }
    let old = Dictionary(last.leases.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    let new = Dictionary(leases.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    let removed = old.keys.filter { new[$0] == nil }.map { LeaseChange.removed($0) }
    let put = new.values.filter { old[$0.key] != $0 || rewritten.contains($0.key) }.map { LeaseChange.put($0) }
    return removed.isEmpty && put.isEmpty ? nil : .changes(removed + put)
  }
}
