internal import CLinux
internal import Containers
internal import Glibc
internal import Linux

/// Asks for a container's health by running its check in it, one check at a time.
final class HealthMonitor {
  private static let second: Int64 = 1_000_000_000
  private static let longestOutput = 4096

  private let check: Healthcheck
  private let started = Timestamp.now()
  private var next: Deadline
  private var process: ExecutedProcess?
  private var output: Int32 = -1
  private var text: [UInt8] = []
  private var begun = Timestamp.now()

  /// What a check found out.
  struct Verdict {
    let check: Health.Check
    /// Whether a failure counts, as the start period is over.
    let counts: Bool
    let retries: Int
  }

  init(_ check: Healthcheck) {
    self.check = check
    next = Deadline(milliseconds: HealthMonitor.milliseconds(check.interval))
  }

  deinit { if output >= 0 { close(output) } }

  var processDescriptor: Int32 { process?.pidDescriptor ?? -1 }
  var outputDescriptor: Int32 { output }
  /// Milliseconds until the next check, or until the running one takes too long.
  var remaining: Int32 { next.remaining }

  /// What is to be done when no time is left: starts a check, or ends the one that takes too long.
  func timePassed(in pid: Int32, _ specification: ExecSpecification) -> Verdict? {
    if let process = process.take() {
      kill(process.processID, SIGKILL)
      _ = try? process.wait()
      let limit = (check.timeout == 0 ? 30 * HealthMonitor.second : check.timeout) / 1_000_000
      return verdict(-1, "Health check exceeded timeout (\(limit)ms)")
    }
    var ends: [Int32] = [-1, -1]
    begun = Timestamp.now()
    text = []
    guard clinux_pipe(&ends) == 0 else { return verdict(-1, "make a pipe: \(Errno.last)") }
    defer { close(ends[1]) }
    output = ends[0]
    _ = fcntl(output, F_SETFL, O_NONBLOCK)
    var specification = specification
    // buildah cuts the text of a shell into words.
    let words = check.test.dropFirst()
    specification.arguments = check.test.first == "CMD-SHELL" ? ["/bin/sh", "-c", words.joined(separator: " ")] : Array(words)
    do {
      let null = try OwnedFile("/dev/null")
      let streams = StandardStreams.descriptors(input: null.descriptor, output: ends[1], errors: ends[1])
      process = try ExecutedProcess(in: pid, specification, streams: streams)
    } catch { return verdict(-1, "\(error)") }
    next = Deadline(milliseconds: HealthMonitor.milliseconds(check.timeout))
    return nil
  }

  /// Takes what the running check prints.
  func readOutput() {
    var chunk = [UInt8](repeating: 0, count: HealthMonitor.longestOutput)
    while output >= 0 {
      let count = read(output, &chunk, chunk.count)
      if count > 0 {
        text += chunk[..<count].prefix(HealthMonitor.longestOutput - text.count)
      } else if count == 0 {
        close(output)
        output = -1
      } else if errno != EINTR {
        return
      }
    }
  }

  /// The running check has ended.
  func checkEnded() -> Verdict? {
    guard let process = process.take() else { return nil }
    readOutput()
    let code = (try? process.wait()) ?? -1
    return verdict(code, String(decoding: text, as: UTF8.self))
  }

  private func verdict(_ code: Int32, _ output: String) -> Verdict {
    if self.output >= 0 { close(self.output) }
    self.output = -1
    next = Deadline(milliseconds: HealthMonitor.milliseconds(check.interval))
    var result = Health.Check()
    result.start = begun.description
    result.end = Timestamp.now().description
    result.exitCode = code
    result.output = output
    let age = Timestamp.now().nanoseconds - started.nanoseconds
    return Verdict(check: result, counts: code == 0 || age > check.startPeriod, retries: check.retries == 0 ? 3 : check.retries)
  }

  /// Nanoseconds as milliseconds, 0 as docker's half minute.
  private static func milliseconds(_ nanoseconds: Int64) -> Int32 {
    Int32(clamping: max(1, (nanoseconds == 0 ? 30 * second : nanoseconds) / 1_000_000))
  }
}

extension Supervision {
  /// Records what a check found out, and tells of a change.
  func recordHealth(_ verdict: HealthMonitor.Verdict) {
    let before = record.status.health?.status
    do {
      record = try store.update(id) {
        var health = $0.status.health ?? Health()
        health.checks = Array((health.checks + [verdict.check]).suffix(5))
        if verdict.check.exitCode == 0 {
          health.failures = 0
          health.status = .healthy
        } else if verdict.counts {
          health.failures += 1
          if health.failures >= verdict.retries { health.status = .unhealthy }
        }
        $0.status.health = health
      }
    } catch { return complain(error) }
    if let now = record.status.health?.status, now != before { events.append(Event("health_status: \(now.rawValue)", record)) }
  }
}
