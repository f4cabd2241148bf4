internal import ArgumentParser
internal import Cgroups
internal import Engine
internal import Linux

/// `berth top`
struct TopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "top", abstract: "Display the running processes of a container", usage: "berth top CONTAINER [ps OPTIONS]")

  @Argument(parsing: .captureForPassthrough, help: "CONTAINER [ps OPTIONS]") var words: [String] = []

  func run() throws {
    guard let word = words.first else { throw EngineError("\"berth top\" requires at least 1 argument", exitCode: 125) }
    let store = try Invocation.store(), record = try store.find(word)
    guard ContainerControl(record, in: store).isAlive, record.status.process.isRunning else {
      throw EngineError("container \(record.id) is not running")
    }
    let processes = try RunningProcesses.of(record)
    let options = Array(words.dropFirst())
    let table =
      options.isEmpty || options == ["-ef"] ? [ProcessTable.headings] + ProcessTable.rows(processes) : try filtered(options, processes)
    Listing.aligned(table.map { $0.joined(separator: "\t") })
  }

  /// What ps(1) says with these options, without other processes.
  private func filtered(_ options: [String], _ processes: [Int32]) throws -> [[String]] {
    guard let path = ["/usr/bin/ps", "/bin/ps"].first(where: { FileSystem.exists($0) }) else {
      throw EngineError("ps options need ps(1) on this machine, which is not there")
    }
    let outcome = try ChildProcess(path: path, arguments: ["ps"] + options, environment: []).run(input: [], capturingErrors: true)
    let lines = String(decoding: outcome.output, as: UTF8.self).split(separator: "\n")
    guard outcome.status == 0, let first = lines.first else {
      throw EngineError("error running ps: \(String(decoding: outcome.errors, as: UTF8.self).split(separator: "\n").first ?? "no output")")
    }
    let headings = first.split(separator: " ").map { String($0) }
    guard let column = headings.firstIndex(of: "PID") else { throw EngineError("Couldn't find PID field in ps output") }
    let wanted = Set(processes.map { "\($0)" })
    let rows = lines.dropFirst().map { $0.split(separator: " ", maxSplits: headings.count - 1).map { String($0) } }
    return [headings] + rows.filter { column < $0.count && wanted.contains($0[column]) }
  }
}

/// Which processes a container has.
enum RunningProcesses {
  /// Their IDs; without a cgroup only that of the first one is known.
  static func of(_ record: ContainerRecord) throws -> [Int32] {
    let processes = try Cgroup(folders: record.status.cgroup).processes()
    return processes.isEmpty ? [record.status.process.processID] : processes
  }
}
