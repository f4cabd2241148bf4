import Inspection
import Linux
import Rulesets
import Sockets

/// The kernel takes connections for a server that is stopped or frozen: they come about, and nobody answers.
enum PausedContainer: Diagnoser {
  static func cause(_ situation: Situation) -> Cause? {
    guard let delivery = situation.delivery, situation.question.port != nil else { return nil }
    let listeners = situation.facts(delivery.namespace).listeners(situation.question.transport, port: delivery.leaving.destinationPort)
    let owners = (try? SocketOwner.holding(Set(listeners.map(\.inode)))) ?? []
    guard !owners.isEmpty else { return nil }
    let name = situation.name(delivery.namespace), view = situation.host.namespaces[delivery.namespace]
    let stopped = owners.filter { ProcessStatus(running: $0.process).map { $0.state == UInt8(ascii: "T") } ?? false }
    if stopped.count == owners.count {
      return Cause(
        "paused", "the server in \(name) is stopped: connections come about, and nobody answers",
        evidence: stopped.map { "\($0): state T (stopped)" }, fix: "kill -CONT \(stopped.map { "\($0.process)" }.joined(separator: " "))",
        advice: "lets it go on")
    }
    for owner in owners {
      guard let freezer = freezer(of: owner.process) else { continue }
      let fix: String
      switch (view.owner.kind, view.owner.name ?? view.owner.id) {
      case (.berth, let container?): fix = "berth unpause \(container)"
      case (.podman, let container?): fix = "podman unpause \(container)"
      case (.docker, let container?): fix = "docker unpause \(container)"
      default: fix = "echo \(freezer.thaw) > \(freezer.file)"
      }
      return Cause(
        "paused", "\(name) is paused: connections come about, and nobody answers", evidence: ["\(owner): \(freezer.file) says frozen"],
        fix: fix,
        advice: "lets it go on")
    }
    return nil
  }

  /// The file that freezes the process's cgroup, or one above, if it does; cgroups(7) and the kernel's cgroup-v2 and freezer documents.
  private static func freezer(of process: Int32) -> (file: String, thaw: String)? {
    let text = String(decoding: (try? FileSystem.read("/proc/\(process)/cgroup")) ?? [], as: UTF8.self)
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      var path = String(parts[2])
      let isUnified = parts[1].isEmpty
      guard isUnified || parts[1].split(separator: ",").contains("freezer") else { continue }
      while path.count > 1 {
        for root in isUnified ? ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] : ["/sys/fs/cgroup/freezer"] {
          let file = "\(root)\(path)/\(isUnified ? "cgroup.freeze" : "freezer.state")"
          let state = String(decoding: (try? FileSystem.read(file, limit: 64)) ?? [], as: UTF8.self)
          if state.hasPrefix(isUnified ? "1" : "FR") { return (file, isUnified ? "0" : "THAWED") }
        }
        path = FileSystem.folder(of: path)
      }
    }
    return nil
  }
}
