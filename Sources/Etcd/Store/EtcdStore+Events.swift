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

  /// What is known, and since when.
  private struct Progress: Sendable {
    var moment: EtcdMoment
    var contact: ContinuousClock.Instant
  }

  private func follow(_ report: @escaping @Sendable (StoreEvent) -> Void) async {
    let progress = Mutex<Progress?>(nil)
    var backoff = Backoff(members: cluster.count)
    var told: Set<String> = []
    while !Task.isCancelled {
      var session: EtcdSession?
      do throws(EtcdError) {
        let current = try cluster.session()
        session = current
        let moment = try await catchUp(current, progress, report)
        backoff.reset()
        told = []
        try await current.watch(layout.leases, after: moment) { changes, revision in
          let known = Progress(moment: EtcdMoment(cluster: moment.cluster, revision: revision), contact: .now)
          progress.withLock { $0 = known }
          if !changes.isEmpty { report(.changes(changes.compactMap(event))) }
        }
      } catch {
        if Task.isCancelled { return }
        if error.reason == .compacted {
          progress.withLock { $0 = nil }
          continue
        }
        var error = error
        if let session {
          error = await cluster.explained(error, session)
          cluster.leave(session)
        }
        progress.withLock { $0?.contact = min($0?.contact ?? .now, .now) }
        if told.insert(error.description).inserted { report(.failed(StoreError(error))) }
        try? await Task.sleep(for: backoff.next())
      }
    }
  }

  /// Makes sure that this member continues the history that we know, else reads everything; answers from where to watch.
  private func catchUp(
    _ session: EtcdSession, _ progress: borrowing Mutex<Progress?>, _ report: (StoreEvent) -> Void
  ) async throws(EtcdError) -> EtcdMoment {
    if let known = progress.withLock({ $0 }), known.contact.duration(to: .now) < EtcdStore.shortBreak {
      let now = try await session.read([.key(layout.configuration)]).moment
      if now.cluster == known.moment.cluster && now.revision >= known.moment.revision {
        report(.contact)
        return known.moment
      }
    }
    let (contents, moment) = try await contents(session)
    progress.withLock { $0 = Progress(moment: moment, contact: .now) }
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
