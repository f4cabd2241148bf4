import Synchronization

/// The members of a cluster, one of which serves us at a time.
final class EtcdCluster: Sendable {
  private struct State {
    var session: EtcdSession?
    var next: Int
  }

  private let configuration: EtcdConfiguration
  /// Where all tasks run.
  let executor = EventLoopExecutor()
  private let state: Mutex<State>

  /// Begins with a member by chance, so that many hosts spread over all.
  init(_ configuration: EtcdConfiguration) {
    self.configuration = configuration
    state = Mutex(State(next: Int.random(in: 0..<configuration.endpoints.count)))
  }

  /// How many members there are.
  var count: Int { configuration.endpoints.count }

  /// All members, for messages.
  var names: String { configuration.endpoints.map(\.description).joined(separator: ",") }

  /// The session in use, or one with the next member.
  func session() throws(EtcdError) -> EtcdSession {
    if let session = state.withLock({ $0.session }) { return session }
    let endpoint = state.withLock { state in
      defer { state.next = (state.next + 1) % configuration.endpoints.count }
      return configuration.endpoints[state.next]
    }
    let session = try EtcdSession(endpoint, configuration, executor)
    return state.withLock { state in
      if let other = state.session { return other }
      state.session = session
      return session
    }
  }

  /// Gives up a member that has failed: the next session is with another.
  func leave(_ session: EtcdSession) {
    session.close()
    state.withLock { if $0.session === session { $0.session = nil } }
  }

  /// Closes the connection in use, which nobody takes for a failure: the next call makes another.
  func reconnect() {
    guard let session = state.withLock({ $0.session }) else { return }
    session.isOutdated.store(true, ordering: .releasing)
    leave(session)
  }

  /// Asks a member, and if it does not answer the others, each once. Throws what all of them said.
  func ask<Answer: Sendable>(
    _ question: @Sendable (EtcdSession) async throws(EtcdError) -> Answer
  ) async throws(EtcdError) -> Answer {
    try await withTaskExecutorPreference(executor) { () async throws(EtcdError) -> Answer in
      var errors: [EtcdError] = []
      // The session in use may have died unnoticed: its member gets another chance.
      for _ in 0...configuration.endpoints.count where !Task.isCancelled {
        let session = try self.session()
        do throws(EtcdError) { return try await question(session) } catch {
          if session.isOutdated.load(ordering: .acquiring) { continue }
          let error = await explained(error, session)
          if !error.mayBeBetterElsewhere { throw error }
          errors.append(error)
          leave(session)
        }
      }
      throw EtcdError(joining: errors)
    }
  }

  /// Why TLS did not accept etcd's certificate, which TLS itself does not say.
  func explained(_ error: EtcdError, _ session: EtcdSession) async -> EtcdError {
    guard error.reason == .certificate, error.explanation.contains("verify failed") else { return error }
    return await CertificateExamination(session.endpoint, configuration).findings(executor) ?? error
  }

  deinit { state.withLock { $0.session?.close() } }
}

extension EtcdError {
  /// Whether another member may answer what this one did not.
  var mayBeBetterElsewhere: Bool {
    switch reason {
    case .unreachable, .late, .noLeader, .certificate: true
    case .login, .token, .permission, .compacted, .noLease, .configuration, .other: false
    }
  }

  /// What several members said; of one that was asked again, its last word.
  init(joining errors: [EtcdError]) {
    let last = errors.last ?? EtcdError(.unreachable, endpoint: "", "given up")
    // The same members in the same state make the same words, whichever was asked first.
    let words = Dictionary(errors.map { ($0.endpoint, $0.description) }, uniquingKeysWith: { $1 }).values.sorted()
    guard words.count > 1 else {
      self = last
      return
    }
    self.init(last.reason, endpoint: "", words.map { $0.dropPrefix("etcd ") }.joined(separator: "; "))
  }
}

extension String {
  /// Without a prefix, if it is there.
  fileprivate func dropPrefix(_ prefix: String) -> String { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : self }
}
