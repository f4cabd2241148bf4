internal import ArgumentParser
internal import Cgroups
internal import Engine
internal import Glibc
internal import JSON
internal import Linux

/// `berth stats`
struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Display a live stream of container(s) resource usage statistics")

  @Flag(name: [.short, .long], help: "Show all containers (default shows just running)") var all = false
  @Flag(help: "Disable streaming stats and only pull the first result") var noStream = false
  @Flag(help: "Do not truncate output") var noTrunc = false
  @Option(help: "Format output: table, json or a template") var format: String?
  @Argument(help: "Names or IDs") var containers: [String] = []

  func run() throws {
    let store = try Invocation.store()
    for word in containers { _ = try store.find(word) }
    var before: [String: CgroupStatistics] = [:]
    for round in 0... {
      let records =
        try containers.isEmpty ? store.records().filter { all || $0.status.state == .running } : containers.map { try store.find($0) }
      var rows: [JSONObject] = []
      for record in records {
        let now = try? Cgroup(folders: record.status.cgroup).statistics()
        rows.append(row(record, now, before[record.id]))
        before[record.id] = now
      }
      // The first reading has nothing that a rate could be counted from.
      if round > 0 { try show(rows) }
      if round > 0, noStream { return }
      StatsCommand.pause(milliseconds: noStream ? 250 : 1000)
    }
  }

  private func show(_ rows: [JSONObject]) throws {
    if !noStream, format == nil, LocalTerminal.isTerminal(STDOUT_FILENO) { Output.write("\u{1b}[H\u{1b}[2J", to: STDOUT_FILENO) }
    try Listing(
      columns: [
        ("CONTAINER ID", "ID"), ("NAME", "Name"), ("CPU %", "CPUPerc"), ("MEM USAGE / LIMIT", "MemUsage"), ("MEM %", "MemPerc"),
        ("NET I/O", "NetIO"), ("BLOCK I/O", "BlockIO"), ("PIDS", "PIDs"),
      ], rows: rows
    ).print(format: format)
  }

  private func row(_ record: ContainerRecord, _ now: CgroupStatistics?, _ before: CgroupStatistics?) -> JSONObject {
    let traffic = Traffic(record.status.process.isRunning ? record.status.process.processID : nil)
    let cpu = before.flatMap { now?.cpuPercentage(since: $0) } ?? 0
    return JSONObject([
      ("ID", .string(noTrunc ? record.id : record.shortID)), ("Container", .string(noTrunc ? record.id : record.shortID)),
      ("Name", .string(record.name)), ("CPUPerc", .string(StatsCommand.percent(cpu))),
      ("MemUsage", .string("\(ByteCount.binary(now?.memory ?? 0)) / \(ByteCount.binary(now?.memoryLimit ?? 0))")),
      ("MemPerc", .string(StatsCommand.percent(now?.memoryPercentage ?? 0))),
      ("NetIO", .string("\(ByteCount.decimal(traffic.received)) / \(ByteCount.decimal(traffic.sent))")),
      ("BlockIO", .string("\(ByteCount.decimal(now?.blockBytesRead ?? 0)) / \(ByteCount.decimal(now?.blockBytesWritten ?? 0))")),
      ("PIDs", .string("\(now?.processes ?? 0)")),
    ])
  }

  private static func percent(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)%"
  }

  /// A rate needs time between two readings.
  private static func pause(milliseconds: Int32) {
    let deadline = Deadline(milliseconds: milliseconds)
    repeat {
      var none = pollfd(fd: -1, events: 0, revents: 0)
      _ = poll(&none, 1, deadline.remaining)
    } while deadline.remaining > 0
  }
}

/// What a container's interfaces have received and sent, its loopback left out.
private struct Traffic {
  private(set) var received: UInt64 = 0
  private(set) var sent: UInt64 = 0

  init(_ pid: Int32?) {
    guard let pid, let content = (try? FileSystem.readIfPresent("/proc/\(pid)/net/dev")) ?? nil else { return }
    for line in String(decoding: content, as: UTF8.self).split(separator: "\n").dropFirst(2) {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].drop(while: { $0 == " " }) != "lo" else { continue }
      let numbers = parts[1].split(separator: " ")
      guard numbers.count > 8 else { continue }
      received += UInt64(numbers[0]) ?? 0
      sent += UInt64(numbers[8]) ?? 0
    }
  }
}
