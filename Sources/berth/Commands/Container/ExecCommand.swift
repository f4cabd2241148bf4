internal import ArgumentParser
internal import Containers
internal import Engine
internal import Glibc
internal import Linux

/// `berth exec`
struct ExecCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec", abstract: "Execute a command in a running container", usage: "berth exec [OPTIONS] CONTAINER COMMAND [ARG...]")

  @Flag(name: [.short, .long], help: "Detached mode: run command in the background") var detach = false
  @Flag(name: [.short, .long], help: "Keep STDIN open even if not attached") var interactive = false
  @Flag(name: [.short, .long], help: "Allocate a pseudo-TTY") var tty = false
  @Option(name: [.customShort("e", allowingJoined: true), .long], parsing: .unconditionalSingleValue, help: "Set environment variables")
  var env: [String] = []
  @Option(help: "Read in a file of environment variables") var envFile: [String] = []
  @Option(name: [.customShort("w", allowingJoined: true), .long], help: "Working directory inside the container") var workdir: String?
  @Option(name: [.customShort("u", allowingJoined: true), .long], help: "Username or UID (format: <name|uid>[:<group|gid>])") var user:
    String?
  @Flag(help: "Give extended privileges to the command") var privileged = false
  @Option(help: "Override the key sequence for detaching a container") var detachKeys = ""
  @Argument(parsing: .captureForPassthrough, help: "CONTAINER COMMAND [ARG...]") var words: [String] = []

  func run() throws {
    guard words.count >= 2 else {
      throw EngineError("\"berth exec\" requires at least 2 arguments.\nSee 'berth exec --help'.", exitCode: 125)
    }
    if words[0].hasPrefix("-") { throw EngineError("unknown flag: \(words[0])\nSee 'berth exec --help'.", exitCode: 125) }
    let store = try Invocation.store(), record = try store.find(words[0]), keys = try DetachKeys(detachKeys)
    guard ContainerControl(record, in: store).isAlive, record.status.process.isRunning else {
      throw EngineError("container \(record.id) is not running")
    }
    if record.status.state == .paused { throw EngineError("Container \(record.name) is paused, unpause the container before exec") }
    if tty, interactive, !detach, !LocalTerminal.isTerminal(STDIN_FILENO) { throw EngineError("the input device is not a TTY") }
    let specification = try specification(record, store)
    EventLog(store.places).append(Event("exec_start: \(specification.arguments.joined(separator: " "))", record))
    do {
      let code = try execute(specification, record, keys)
      if code != 0 { throw ExitCode(code) }
    } catch let error as ContainerError { throw EngineError(error.description, exitCode: error.exitStatus == 125 ? 1 : error.exitStatus) }
  }

  private func specification(_ record: ContainerRecord, _ store: ContainerStore) throws -> ExecSpecification {
    var container = try SpecificationBuilder(record, in: store).specification()
    container.environment = try ExecEnvironment.of(record, store) + EnvironmentFile.merge(files: envFile, values: env)
    container.cgroupFolders = record.status.cgroup
    var specification = ExecSpecification(arguments: Array(words.dropFirst()), like: container)
    if let workdir { specification.workingFolder = workdir }
    if let user { specification.user = ProcessUser(user, additionalGroups: record.options.additionalGroups) }
    if privileged { specification.isPrivileged = true }
    return specification
  }

  private func execute(_ specification: ExecSpecification, _ record: ContainerRecord, _ keys: DetachKeys) throws -> Int32 {
    let pid = record.status.process.processID
    let null = try OwnedFile("/dev/null", flags: .readWrite)
    if detach {
      let streams: StandardStreams =
        tty ? .terminal() : .descriptors(input: null.descriptor, output: null.descriptor, errors: null.descriptor)
      _ = try ExecutedProcess(in: pid, specification, streams: streams)
      return 0
    }
    if tty {
      let size = LocalTerminal.size ?? (0, 0)
      let process = try ExecutedProcess(in: pid, specification, streams: .terminal(rows: size.rows, columns: size.columns))
      return try TerminalSession(takesInput: interactive, keys: keys).run(process)
    }
    let input = interactive ? STDIN_FILENO : null.descriptor
    let process = try ExecutedProcess(
      in: pid, specification, streams: .descriptors(input: input, output: STDOUT_FILENO, errors: STDERR_FILENO))
    return try process.wait()
  }
}

/// What a program gets in its environment that joins a container.
enum ExecEnvironment {
  /// The container's own variables, with its host name and its links as they are now.
  static func of(_ record: ContainerRecord, _ store: ContainerStore) throws -> [String] {
    let networking = ContainerNetworking(record, in: store), own = record.environment
    let name = try networking.hostName(), links = (try? networking.linkEnvironment()) ?? []
    return (own.contains { $0.hasPrefix("HOSTNAME=") } || name.isEmpty ? [] : ["HOSTNAME=\(name)"]) + links + own
  }
}
