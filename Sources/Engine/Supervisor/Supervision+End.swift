internal import Glibc
internal import Linux

extension Supervision {
  /// After the process has ended: cleans up, and records what happened. Answers whether the policy wants another start.
  func settle(_ code: Int32, ranLong: Bool) -> Bool {
    let wasKilledForMemory = record.status.wasKilledForMemory
    events.append(Event("die", record, [("exitCode", "\(code)")]))
    killDeadline = nil
    cleanUp()
    var again = false
    do {
      record = try store.update(id) {
        again = Supervision.restarts(after: code, $0)
        $0.status.state = again ? .restarting : .exited
        if again { $0.status.restartCount += 1 }
        $0.status.exitCode = code
        $0.status.finished = Timestamp.now().description
        $0.status.process = ProcessIdentity()
        if !again { $0.status.supervisor = ProcessIdentity() }
        $0.status.wasKilledForMemory = wasKilledForMemory
        $0.status.cgroup = []
        $0.ports = []
      }
    } catch {
      // The record is gone, so somebody has removed the container.
      complain(error)
      return false
    }
    if again { tell(.ended(code)) }
    return again
  }

  /// Waits as long as docker does: 100 ms, twice as long each time, a minute at the most; from the beginning if it ran for 10 s. False if somebody
  /// stops the container meanwhile.
  func waitForRestart(ranLong: Bool) -> Bool {
    backoff = ranLong ? 100 : min(backoff == 0 ? 100 : backoff * 2, 60_000)
    let deadline = Deadline(milliseconds: backoff)
    while deadline.remaining > 0 {
      var poller = Poller<Source>()
      addCommands(to: &poller)
      poller.add(signals, .signals)
      let happened = poller.wait(milliseconds: deadline.remaining)
      for (source, _) in happened {
        if case .signals = source { return giveUp() }
        takeCommand(source)
      }
      if !happened.isEmpty, let present = try? store.record(id), present.status.wasStopped { return giveUp() }
    }
    if let present = try? store.record(id) { record = present } else { return false }
    return !record.status.wasStopped || giveUp()
  }

  private func giveUp() -> Bool {
    do {
      record = try store.update(id) {
        $0.status.state = .exited
        $0.status.supervisor = ProcessIdentity()
      }
    } catch { complain(error) }
    return false
  }

  private static func restarts(after code: Int32, _ record: ContainerRecord) -> Bool {
    if record.status.wasStopped { return false }
    let policy = record.options.restartPolicy
    switch policy.kind {
    case .never: return false
    case .always, .unlessStopped: return true
    case .onFailure: return code != 0 && (policy.maximumRetries == 0 || record.status.restartCount < policy.maximumRetries)
    }
  }
}
