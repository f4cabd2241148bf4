public import OverlayControl
import Synchronization

extension EtcdStore {
  /// After how long without contact everything is read anew, rather than the changes since.
  private static let shortBreak = Duration.seconds(60)

  /// Watches the leases. After a short break it goes on from the last change that it knows; after a longer one, or when etcd has not kept the
  /// changes in between or is another cluster, it reads everything.
  public func events() -> AsyncStream<StoreEvent> {
    AsyncStream { continuation in
      let task = Task(executorPreference: cluster.executor) { await follow { continuation.yield($0) } }
      continuation.onTermination = { _ in task.cancel() }
    }
  }

  private func follow(_ report: @escaping @Sendable (StoreEvent) -> Void) async {
    let known = Mutex<EtcdMoment?>(nil)
    var backoff = Backoff(members: cluster.count)
    var told: Set<String> = []
    var lost: ContinuousClock.Instant?
    while !Task.isCancelled {
      var session: EtcdSession?
      do throws(EtcdError) {
        let current = try cluster.session()
        session = current
        if let lost, lost.duration(to: .now) > EtcdStore.shortBreak { known.withLock { $0 = nil } }
        let moment = try await catchUp(current, known.withLock { $0 }, report)
        known.withLock { $0 = moment }
        backoff.reset()
        (told, lost) = ([], nil)
        try await current.watch(layout.leases, after: moment) { changes, revision in
          if let revision { known.withLock { $0 = EtcdMoment(cluster: moment.cluster, revision: revision) } }
          report(changes.isEmpty ? .contact : .changes(changes.compactMap(event)))
        }
      } catch {
        if Task.isCancelled { return }
        if session?.isOutdated.load(ordering: .acquiring) == true { continue }
        if error.reason == .compacted {
          known.withLock { $0 = nil }
          continue
        }
        var error = error
        if let session {
          error = await cluster.explained(error, session)
          cluster.leave(session)
        }
        lost = lost ?? .now
        if told.insert(error.description).inserted { report(.failed(StoreError(error))) }
        try? await Task.sleep(for: backoff.next())
      }
    }
  }

  /// Makes sure that this member continues the history that we know, else reads everything; answers from where to watch.
  private func catchUp(
    _ session: EtcdSession, _ known: EtcdMoment?, _ report: @Sendable (StoreEvent) -> Void
  ) async throws(EtcdError) -> EtcdMoment {
    if let known {
      let now = try await session.read([.key(layout.configuration)]).moment
      if now.cluster == known.cluster && now.revision >= known.revision {
        report(.contact)
        return known
      }
    }
    let (contents, moment) = try await contents(session)
    report(.contents(contents))
    return moment
  }

  /// A change as a store reports it. A record that cannot be read is as good as none: the host it stands for cannot be reached by it.
  @Sendable private func event(_ change: EtcdChange) -> LeaseChange? {
    switch change {
    case .put(let record):
      if case .success(let lease) = lease(record) { return .put(lease) }
      return FlannelLayout.key(named: record.key.dropFirst(layout.leases.count)).map { .removed($0) }
    case .removed(let name): return FlannelLayout.key(named: name.dropFirst(layout.leases.count)).map { .removed($0) }
    }
  }
}
