internal import ArgumentParser
internal import Engine

/// What runs in the container, and what becomes of it.
struct ProcessOptions: ParsableArguments {
  @Flag(name: [.short, .long], help: "Keep STDIN open even if not attached") var interactive = false
  @Flag(name: [.short, .long], help: "Allocate a pseudo-TTY") var tty = false
  @Option(parsing: .unconditional, help: "Overwrite the default ENTRYPOINT of the image") var entrypoint: String?
  @Option(name: [.customShort("e", allowingJoined: true), .long], parsing: .unconditionalSingleValue, help: "Set environment variables")
  var env: [String] = []
  @Option(help: "Read in a file of environment variables") var envFile: [String] = []
  @Option(name: [.customShort("w", allowingJoined: true), .long], help: "Working directory inside the container") var workdir: String?
  @Option(name: [.customShort("u", allowingJoined: true), .long], help: "Username or UID (format: <name|uid>[:<group|gid>])") var user:
    String?
  @Option(help: "Add additional groups to join") var groupAdd: [String] = []
  @Flag(name: .customLong("init"), help: "Run an init inside the container that forwards signals and reaps processes") var hasInit = false
  @Option(help: "Signal to stop the container") var stopSignal: String?
  @Option(help: "Timeout (in seconds) to stop a container") var stopTimeout: Int?
  @Flag(name: .customLong("rm"), help: "Automatically remove the container when it exits") var removes = false
  @Option(help: "Restart policy to apply when a container exits") var restart = "no"
  @Option(name: [.customShort("l", allowingJoined: true), .long], help: "Set meta data on a container") var label: [String] = []
  @Option(help: "Read in a line delimited file of labels") var labelFile: [String] = []
  @Option(help: "Logging driver for the container: json-file, raw or none") var logDriver = "json-file"
  @Option(help: "Log driver options: max-size=10m, max-file=3") var logOpt: [String] = []
  @Option(parsing: .unconditional, help: "Command to run to check health") var healthCmd: String?
  @Option(help: "Time between running the check (ms|s|m|h)") var healthInterval: String?
  @Option(help: "Maximum time to allow one check to run (ms|s|m|h)") var healthTimeout: String?
  @Option(help: "Start period for the container to initialize before failures count (ms|s|m|h)") var healthStartPeriod: String?
  @Option(help: "Consecutive failures needed to report unhealthy") var healthRetries: Int?
  @Flag(help: "Disable any container-specified HEALTHCHECK") var noHealthcheck = false

  func apply(to options: inout RunOptions) throws {
    options.isInteractive = interactive
    options.usesTerminal = tty
    options.entrypoint = entrypoint.map { [$0] }
    options.environment = try EnvironmentFile.merge(files: envFile, values: env)
    options.workingFolder = workdir
    if let workdir, !workdir.hasPrefix("/") {
      throw EngineError("the working directory '\(workdir)' is invalid, it needs to be an absolute path", exitCode: 125)
    }
    options.user = user
    options.additionalGroups = groupAdd
    options.hasReaper = hasInit
    options.stopSignal = stopSignal
    options.stopTimeout = stopTimeout
    options.removesItself = removes
    options.restartPolicy = try RestartPolicy(restart)
    options.labels = try EnvironmentFile.lines(labelFile) + label.map { $0.contains("=") ? $0 : "\($0)=" }
    options.logDriver = logDriver
    options.logOptions = logOpt
    options.healthcheck = try healthcheck()
  }

  private func healthcheck() throws -> Healthcheck? {
    if noHealthcheck {
      guard healthCmd == nil, healthInterval == nil, healthTimeout == nil, healthStartPeriod == nil, healthRetries == nil else {
        throw EngineError("--no-healthcheck conflicts with --health-* options", exitCode: 125)
      }
      var none = Healthcheck()
      none.test = ["NONE"]
      return none
    }
    var check = Healthcheck()
    if let healthCmd, !healthCmd.isEmpty { check.test = ["CMD-SHELL", healthCmd] }
    check.interval = try duration(healthInterval, "--health-interval")
    check.timeout = try duration(healthTimeout, "--health-timeout")
    check.startPeriod = try duration(healthStartPeriod, "--health-start-period")
    guard healthRetries ?? 0 >= 0 else { throw EngineError("--health-retries cannot be negative", exitCode: 125) }
    check.retries = healthRetries ?? 0
    return check == Healthcheck() ? nil : check
  }

  private func duration(_ text: String?, _ option: String) throws -> Int64 {
    guard let text else { return 0 }
    guard let duration = Duration(text), duration.nanoseconds >= 1_000_000 || duration.nanoseconds == 0 else {
      throw EngineError("invalid argument \"\(text)\" for \"\(option)\": expected a duration such as 500ms, 30s or 1m30s", exitCode: 125)
    }
    return duration.nanoseconds
  }
}
