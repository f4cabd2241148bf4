internal import ArgumentParser
internal import Engine

/// What the container may use, and what it may do.
struct LimitOptions: ParsableArguments {
  @Option(name: [.customShort("m", allowingJoined: true), .long], help: "Memory limit") var memory: String?
  @Option(parsing: .unconditional, help: "Swap limit equal to memory plus swap: '-1' to enable unlimited swap") var memorySwap: String?
  @Option(help: "Memory soft limit") var memoryReservation: String?
  @Option(help: "Number of CPUs") var cpus: String?
  @Option(name: [.customShort("c", allowingJoined: true), .long], help: "CPU shares (relative weight)") var cpuShares: Int64?
  @Option(help: "CPUs in which to allow execution (0-3, 0,1)") var cpusetCpus: String?
  @Option(help: "MEMs in which to allow execution (0-3, 0,1)") var cpusetMems: String?
  @Option(parsing: .unconditional, help: "Tune container pids limit (set -1 for unlimited)") var pidsLimit: Int64?
  @Option(help: "Ulimit options") var ulimit: [String] = []
  @Option(parsing: .unconditional, help: "Tune host's OOM preferences (-1000 to 1000)") var oomScoreAdj: Int?
  @Option(help: "Add Linux capabilities") var capAdd: [String] = []
  @Option(help: "Drop Linux capabilities") var capDrop: [String] = []
  @Flag(help: "Give extended privileges to this container") var privileged = false
  @Option(help: "Security Options") var securityOpt: [String] = []
  @Option(help: "Sysctl options") var sysctl: [String] = []
  @Option(help: "User namespace to use: host or private") var userns: String?
  @Option(help: "PID namespace to use") var pid: String?
  @Option(help: "IPC mode to use") var ipc: String?
  @Option(help: "UTS namespace to use") var uts: String?
  @Option(help: "Cgroup namespace to use (host|private)") var cgroupns: String?

  func apply(to options: inout RunOptions) throws {
    options.limits.memory = try memory.map { try Self.bytes($0, "--memory") }
    options.limits.memorySwap = try memorySwap.map { $0 == "-1" ? -1 : try Self.bytes($0, "--memory-swap") }
    options.limits.memoryReservation = try memoryReservation.map { try Self.bytes($0, "--memory-reservation") }
    if let cpus {
      guard let number = Double(cpus), number >= 0, number < 1e6 else {
        throw EngineError("invalid argument \"\(cpus)\" for \"--cpus\" flag: expected a number such as 1.5", exitCode: 125)
      }
      options.limits.nanoCPUs = number == 0 ? nil : Int64((number * 1e9).rounded())
    }
    options.limits.cpuShares = cpuShares.flatMap { $0 == 0 ? nil : $0 }
    options.limits.processors = cpusetCpus
    options.limits.memoryNodes = cpusetMems
    options.limits.processes = pidsLimit
    options.processLimits = ulimit
    options.oomScoreAdjustment = oomScoreAdj
    options.addedCapabilities = capAdd
    options.droppedCapabilities = capDrop
    options.isPrivileged = privileged
    options.securityOptions = securityOpt
    options.sysctls = sysctl
    options.userNamespace = userns
    options.processNamespace = pid
    options.ipcNamespace = ipc
    options.hostNameNamespace = uts
    options.cgroupNamespace = cgroupns
  }

  /// Reads a size; the error names the option.
  static func bytes(_ text: String, _ option: String) throws -> Int64 {
    guard let size = ByteCount(text) else {
      throw EngineError(
        "invalid argument \"\(text)\" for \"\(option)\" flag: invalid size: expected a number with b, k, m or g", exitCode: 125)
    }
    return size.bytes
  }
}
