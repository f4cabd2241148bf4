/// What has happened to a container.
public struct ContainerStatus: JSONRecord {
  /// docker's words.
  public enum State: String, Sendable, CaseIterable {
    /// It was never started.
    case created
    /// Its process runs.
    case running
    /// Its processes are frozen.
    case paused
    /// Its process has ended and will be started again.
    case restarting
    /// It is on its way out.
    case removing
    /// Its process has ended.
    case exited
    /// It ended, and could not be cleaned up.
    case dead
  }

  /// The word on file. Ask `ContainerStore` for the truth.
  public var state = State.created
  /// The supervisor; nobody if none runs.
  public var supervisor = ProcessIdentity()
  /// The container's first process; nobody if none runs.
  public var process = ProcessIdentity()
  /// The boot in which these two ran.
  public var boot = ""
  /// The folders of its cgroup.
  public var cgroup: [String] = []
  /// The last exit code.
  public var exitCode: Int32 = 0
  /// When the process last started.
  public var started: String?
  /// When it last ended.
  public var finished: String?
  /// How often the restart policy has started it again.
  public var restartCount = 0
  /// Whether the kernel killed one of its processes because memory ran out.
  public var wasKilledForMemory = false
  /// Why it could not start.
  public var error = ""
  /// Whether somebody stopped it: then no policy starts it again.
  public var wasStopped = false
  /// What the last checks said; nil without a healthcheck.
  public var health: Health?

  /// Never started.
  public init() {}

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("state", &state)
    try fields.field("supervisor", &supervisor)
    try fields.field("process", &process)
    try fields.field("boot", &boot)
    try fields.field("cgroup", &cgroup)
    try fields.field("exitCode", &exitCode)
    try fields.field("started", &started)
    try fields.field("finished", &finished)
    try fields.field("restartCount", &restartCount)
    try fields.field("oomKilled", &wasKilledForMemory)
    try fields.field("error", &error)
    try fields.field("stopped", &wasStopped)
    try fields.field("health", &health)
  }
}
