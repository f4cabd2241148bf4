/// A created container: its init exists in its namespaces, prepares the root file system, and then waits for `start`.
///
/// The network can be set up meanwhile, in the namespace `/proc/PID/ns/net`, from the moment this value exists. A container that has not been
/// started ends when this value goes; a started one does not.
public struct ContainerProcess: ~Copyable {
  private let plan: ContainerPlan
  private var process: InitProcess
  private var filter: SeccompFilter?

  /// Creates the container's namespaces and its init. Returns at once: what goes wrong inside is reported by `start`.
  public init(creating specification: ContainerSpecification, streams: StandardStreams) throws(ContainerError) {
    let plan = try ContainerPlan(specification, streams), process = try plan.create()
    self.plan = plan
    self.process = process
  }

  /// The init's process ID on the host.
  public var processID: Int32 { process.processID }
  /// A pidfd of the init, readable when it has ended; valid as long as this value.
  public var pidDescriptor: Int32 { process.pidfd }
  /// The controlling end of the terminal, from `start` on; valid as long as this value.
  public var terminal: Int32? { process.terminal < 0 ? nil : process.terminal }

  /// Throws what made the init fail, if it has ended before `start`: who works on its namespaces meanwhile finds them gone.
  public mutating func check() throws(ContainerError) {
    if process.hasEnded { try process.awaitReady(FailedStep(plan).error) }
  }

  /// Starts the container's program; returns when the kernel has accepted it.
  ///
  /// If it fails, the init has ended, and the error says which step failed and why; the exit statuses 127 and 126 are those of docker.
  public mutating func start() throws(ContainerError) { try process.go(prepare(), FailedStep(plan).error) }

  /// Waits until the init has prepared everything but the program. Answers the filter of system calls.
  @discardableResult
  private mutating func prepare() throws(ContainerError) -> SeccompFilter {
    if let filter { return filter }
    // The init is busy with the mounts meanwhile.
    let container = plan.specification
    let filter = try SeccompFilter.filter(
      container.isPrivileged ? .unconfined : container.seccomp, plan.program.bounding, cache: container.seccompCacheFolder)
    try process.awaitReady(FailedStep(plan).error)
    self.filter = filter
    return filter
  }

  /// Waits until the container's root file system and everything else but the program is there; `start` would, too.
  public mutating func awaitRoot() throws(ContainerError) { try prepare() }

  /// Waits for the end of the container's process 1: its exit status, or 128 + the signal that ended it. Only once.
  public func wait() throws(ContainerError) -> Int32 { try process.wait() }
}
