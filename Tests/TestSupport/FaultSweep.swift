public import JSON
import Linux

/// Breaks ADD and DEL of a list of plugins at every system call that changes something, and sees whether the world can be brought back.
///
/// strace(1) kills the plugin right before and right after the call, or makes the call fail; the plugins have no hook for it.
public struct FaultSweep {
  /// What is done to one system call.
  public enum Fault: CustomStringConvertible, Sendable {
    /// SIGKILL at the entry of a call, so that it does not happen.
    case kill
    /// The call does not happen and answers this error.
    case fail(String)

    /// For messages: `killed at`, `ENOSPC from`.
    public var description: String {
      switch self {
      case .kill: "killed at"
      case .fail(let error): "\(error) from"
      }
    }
  }

  /// A way to bring the world back afterwards.
  public enum Recovery: String, CaseIterable, Sendable {
    /// DEL of all plugins, without a previous result.
    case delete = "DEL"
    /// GC of all plugins, with no valid attachment.
    case collectGarbage = "GC"
    /// ADD of the same container, which must succeed, and then DEL.
    case addAgain = "ADD"
  }

  /// One place to break.
  public struct Point: CustomStringConvertible, Sendable {
    /// The command during which it happens.
    public let command: String
    /// The position of the plugin in the list.
    public let plugin: Int
    /// The system call.
    public let call: SystemCallTrace.Call
    /// What happens to it.
    public let fault: Fault

    /// `ADD plugin 0: killed at sendto #3`
    public var description: String { "\(command) of plugin \(plugin): \(fault) \(call.description)" }
  }

  /// What a sweep found.
  public struct Report {
    /// How many runs with a fault were made: points times ways back.
    public var tries = 0
    /// How many places were broken.
    public var points = 0
    /// What was left, or went wrong, by point and way back.
    public var failures: [String] = []

    /// An empty report.
    public init() {}
  }

  /// A network whose plugins do all that leaves traces on the host.
  public static let network: JSONValue = [
    "cniVersion": "1.1.0", "name": "sweep",
    "plugins": [
      [
        "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
        "ipam": ["type": "host-local", "subnet": "10.88.0.0/16", "routes": [["dst": "0.0.0.0/0"]]],
      ],
      [
        "type": "portmap",
        "runtimeConfig": [
          "portMappings": [
            ["hostPort": 8080, "containerPort": 80, "protocol": "tcp"],
            ["hostPort": 5353, "containerPort": 53, "protocol": "udp", "hostIP": "127.0.0.1"],
          ]
        ],
      ],
      ["type": "firewall", "ingressPolicy": "same-bridge"],
    ],
  ]

  private let runner: PluginRunner
  private let list: JSONValue
  private let reset: (() throws -> Void)?

  /// Prepares a sweep over a list in the test's namespaces. `reset` empties the world where a way back has failed; DEL is enough for plugins of
  /// which nearly nothing stays.
  public init(_ runner: PluginRunner, list: JSONValue, reset: (() throws -> Void)? = nil) {
    self.runner = runner
    self.list = list
    self.reset = reset
  }

  /// Breaks one command at every point, or at `most` points spread evenly. Each way back is tried for every point on a world that equals the
  /// first one.
  public func run(_ command: String, recoveries: [Recovery], most: Int? = nil) throws -> Report {
    var report = Report()
    // The first attachment makes what stays: the bridge, the table, the folders.
    try attachAndDetach()
    let world = try World(container: TestNamespace())
    var points = try self.points(of: command)
    if let most, points.count > most { points = (0..<most).map { points[$0 * points.count / most] } }
    report.points = points.count
    for point in points {
      for recovery in recoveries {
        report.tries += 1
        if let failure = try attempt(point, recovery, world) {
          report.failures.append("\(point), then \(recovery.rawValue): \(failure)\n    at \(point.call.line.prefix(160))")
        }
      }
    }
    return report
  }

  /// Every state-changing system call of every plugin, and what can happen to it.
  private func points(of command: String) throws -> [Point] {
    let container = try TestNamespace()
    var points: [Point] = []
    var traces: [[SystemCallTrace.Call]] = []
    let result = try traced("ADD", in: container, previous: nil) { traces.append($0) }
    if command == "DEL" { traces = [] }
    _ = try traced("DEL", in: container, previous: result) { if command == "DEL" { traces.append($0) } }
    for (position, calls) in traces.enumerated() {
      let plugin = command == "DEL" ? traces.count - 1 - position : position
      for (index, call) in calls.enumerated() where call.changesSomething {
        points.append(Point(command: command, plugin: plugin, call: call, fault: .kill))
        if index + 1 < calls.count { points.append(Point(command: command, plugin: plugin, call: calls[index + 1], fault: .kill)) }
        points += call.possibleErrors.map { Point(command: command, plugin: plugin, call: call, fault: .fail($0)) }
      }
    }
    return points
  }

  /// Answers what is wrong after breaking one point and going one way back; nil if all is well.
  private func attempt(_ point: Point, _ recovery: Recovery, _ before: World) throws -> String? {
    let container = try TestNamespace()
    var result: JSONValue?
    if point.command == "DEL" { result = try runner.add(list: list, in: container) }
    try broken(point, in: container, previous: result)
    do {
      switch recovery {
      case .delete: try runner.expect("DEL", list: list, result: nil, in: container)
      case .collectGarbage: try runner.expect("GC", list: list.withEmptyAttachments, result: nil, in: nil)
      case .addAgain:
        let result = try runner.add(list: list, in: container)
        try runner.expect("CHECK", list: list, result: result, in: container)
        try runner.expect("DEL", list: list, result: result, in: container)
      }
    } catch {
      try bringBack(container)
      return "\(error)"
    }
    let changes = try World(container: container).changes(since: before)
    if changes.isEmpty { return nil }
    try bringBack(container)
    return "left behind:\n      " + changes.joined(separator: "\n      ")
  }

  /// After a way back has failed: makes the world what it was, for the next point.
  private func bringBack(_ container: TestNamespace) throws {
    try? runner.expect("DEL", list: list, result: nil, in: container)
    guard let reset else { return }
    try reset()
    try attachAndDetach()
  }

  /// Runs the command up to and including the plugin that breaks, as a runtime would, which stops at an error.
  private func broken(_ point: Point, in container: TestNamespace, previous: JSONValue?) throws {
    var plugins = Array(PluginRunner.configurations(list, previous: previous).enumerated())
    if point.command == "DEL" { plugins.reverse() }
    var result = previous
    for (position, plugin) in plugins {
      let configuration = result.map { plugin.with("prevResult", $0) } ?? plugin
      guard position == point.plugin else {
        if point.command == "ADD" {
          result = try runner.add(configuration, in: container)
        } else {
          try runner.expect(point.command, configuration, in: container)
        }
        continue
      }
      let injection =
        switch point.fault {
        case .kill: "inject=\(point.call.name):signal=SIGKILL:when=\(point.call.occurrence)"
        case .fail(let error): "inject=\(point.call.name):error=\(error):when=\(point.call.occurrence)"
        }
      _ = try runner.runTraced(
        point.command, configuration, in: container, options: ["-e", "trace=\(point.call.name)", "-e", injection], log: "/dev/null")
      return
    }
  }

  private func attachAndDetach() throws {
    let container = try TestNamespace()
    let result = try runner.add(list: list, in: container)
    try runner.expect("DEL", list: list, result: result, in: container)
  }

  /// Runs a command of every plugin under strace and passes on the calls of each, in the order in which the plugins ran.
  private func traced(
    _ command: String, in container: TestNamespace, previous: JSONValue?, _ use: ([SystemCallTrace.Call]) -> Void
  ) throws -> JSONValue? {
    var result = previous
    let plugins = PluginRunner.configurations(list, previous: previous)
    for plugin in command == "DEL" ? plugins.reversed() : plugins {
      let configuration = result.map { plugin.with("prevResult", $0) } ?? plugin
      let output = try runner.runTraced(command, configuration, in: container, options: [], log: "/run/trace")
      guard output.status == 0 else { throw Command.Failure(description: "\(command) \(plugin["type"].string): \(output)") }
      if command == "ADD" { result = try output.json }
      let calls = try SystemCallTrace(file: "/run/trace").calls
      // Until CNI_COMMAND has been read from the environment nothing but loading has happened; standard input is the first file read.
      let begun = calls.drop { !($0.name == "read" && $0.line.hasPrefix("read(0,")) }
      // A program of many threads may read it in another one than the first, which is traced.
      use(begun.isEmpty ? calls : Array(begun))
    }
    return result
  }
}

extension JSONValue {
  fileprivate var withEmptyAttachments: JSONValue {
    with("plugins", .array(self["plugins"].elements.map { $0.with("cni.dev/valid-attachments", []) }))
  }
}
