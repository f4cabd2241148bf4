import Glibc
import Linux
import TestSupport
import Testing

@Suite("SIGKILL", .networkNamespace)
struct KillTests {
  /// What a process is to a container.
  private enum Role: CaseIterable { case command, supervisor, plugin, container }

  private let berth: Berth
  private let place: OwnCgroup

  init() throws {
    berth = try Berth()
    place = try OwnCgroup()
  }

  @Test("to any process at any moment, 200 times, leaves nothing behind once the next command has cleaned up")
  func anyProcess() throws {
    let words = ["--name", "web", "-p", "8080:80", "--rootfs", berth.rootfs, "httpd", "-f", "-h", "/www"]
    // The bridge, the rules and the folders that stay for the next container.
    try run(["run", "-d"] + words)
    #expect(try berth.fetch("http://127.0.0.1:8080/index.html") == "hello\n")
    try run(["rm", "-f", "web"])
    let before = try world()
    var generator = SystemRandomNumberGenerator(), killed: [Role: Int] = [:], since: [String] = []
    for round in 0..<200 {
      let role = Role.allCases[round % 4], options = [[], ["--rm"], ["--init"]].randomElement(using: &generator) ?? []
      let start = try BackgroundCommand(place.prefix + berth.prefix + ["run", "-d"] + options + words)
      let endsByForce = Bool.random(using: &generator)
      // Half of them while it starts; the others while it runs or is removed.
      if !endsByForce, try strike(role, during: start, &generator) { killed[role, default: 0] += 1 }
      let status = start.wait()
      if endsByForce {
        let end = try BackgroundCommand(place.prefix + berth.prefix + ["rm", "-f", "web"])
        if try strike(role, during: end, &generator) { killed[role, default: 0] += 1 }
        _ = end.wait()
      }
      since.append("\(round): \(role) \(endsByForce ? "at the end" : "at the start") \(options), run ended with \(status)")
      let left = try run(["ps", "-aq"]).split(separator: "\n").map { String($0) }
      for id in left { try remove(id) }
      guard round % 20 == 19 else { continue }
      try awaitEnd()
      let now = try world(), changes = now.symmetricDifference(before).sorted()
      try #require(changes.isEmpty, "\(changes.map { "\(now.contains($0) ? "+" : "-") \($0)" } + since)")
      since = []
    }
    #expect(Set(killed.keys) == Set(Role.allCases), "\(killed)")
    // And all still works.
    try run(["run", "-d"] + words)
    #expect(try berth.fetch("http://127.0.0.1:8080/index.html") == "hello\n")
  }

  /// Kills a process of the role at a moment of chance, as soon as there is one; false if the command ended before there was.
  private func strike(
    _ role: Role, during command: BackgroundCommand, _ generator: inout SystemRandomNumberGenerator
  ) throws -> Bool {
    let delay = UInt32.random(in: 0...8000, using: &generator)
    while true {
      let hasEnded = command.hasEnded
      if try place.processes().contains(where: { self.role(of: $0) == role }) {
        // The moment of the kill; nothing is waited for.
        usleep(delay)
        let victims = try place.processes().filter { self.role(of: $0) == role }
        if let victim = victims.randomElement(using: &generator) { return kill(victim, SIGKILL) == 0 }
      }
      if hasEnded { return false }
    }
  }

  private func role(of process: Int32) -> Role? {
    guard let executable = try? FileSystem.target(ofLink: "/proc/\(process)/exe"),
      let words = (try? FileSystem.readIfPresent("/proc/\(process)/cmdline")) ?? nil, !words.isEmpty
    else { return nil }
    if executable == PluginRunner.executable { return .plugin }
    if executable == Berth.executable { return String(decoding: words, as: UTF8.self).contains("--supervise") ? .supervisor : .command }
    return executable.hasSuffix("sh") && executable.hasPrefix("/usr/bin") ? nil : .container
  }

  @discardableResult
  private func run(_ words: [String]) throws -> String {
    let output = try Command.attempt(place.prefix + berth.prefix + words)
    guard output.status == 0 else { throw Command.Failure(description: "berth \(words): \(output)") }
    return output.text
  }

  /// One that has lost its process may be about to remove itself.
  private func remove(_ id: String) throws {
    let output = try Command.attempt(place.prefix + berth.prefix + ["rm", "-f", id])
    guard output.status == 0 || output.errors.contains("No such container") else {
      throw Command.Failure(description: "berth rm -f \(id): \(output)")
    }
  }

  /// Plugins leave work that takes the kernel long to processes that end by themselves.
  private func awaitEnd() throws {
    let deadline = Deadline(milliseconds: 60_000)
    for process in try place.processes() {
      guard let descriptor = try ProcessDescriptor(process) else { continue }
      #expect(try descriptor.waitForEnd(until: deadline), "process \(process) is still there")
    }
  }

  private func world() throws -> Set<String> {
    try Set(berth.world() + place.folders().map { "cgroup \($0)" } + place.processes().map { "process \($0)" })
  }
}
