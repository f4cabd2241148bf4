import CContainer
import CLinux
import Linux

/// A process that has joined all namespaces, the root and the cgroups of a running container. It ends with the container at the latest.
public struct ExecutedProcess: ~Copyable {
  private var process: InitProcess

  /// Starts a program in the container whose process 1 has the ID `pid` on the host; returns when the kernel has accepted it.
  public init(in pid: Int32, _ specification: ExecSpecification, streams: StandardStreams) throws(ContainerError) {
    let held = CapabilitySet(rawValue: cinit_bounding_set())
    let program = ProgramPlan(
      arguments: specification.arguments, environment: specification.environment, workingFolder: specification.workingFolder,
      user: specification.user, umask: specification.umask, hostName: nil,
      bounding: held.intersection(specification.isPrivileged ? .all : specification.capabilities),
      allowsNewPrivileges: specification.allowsNewPrivileges, limits: specification.resourceLimits, streams: streams)
    var process = InitProcess(try ExecutedProcess.enter(pid, program, specification.cgroupFolders))
    let failure = FailedStep(program)
    let filter = try SeccompFilter.filter(
      specification.isPrivileged ? .unconfined : specification.seccomp, program.bounding, cache: specification.seccompCacheFolder)
    try process.awaitReady(failure.error)
    try process.go(filter, failure.error)
    self.process = process
  }

  /// The process's ID on the host.
  public var processID: Int32 { process.processID }
  /// A pidfd of the process, readable when it has ended; valid as long as this value.
  public var pidDescriptor: Int32 { process.pidfd }
  /// The controlling end of the terminal; valid as long as this value.
  public var terminal: Int32? { process.terminal < 0 ? nil : process.terminal }

  /// Waits for the end: the exit status, or 128 + the signal that ended it. Only once.
  public func wait() throws(ContainerError) -> Int32 { try process.wait() }

  private static func enter(_ pid: Int32, _ program: ProgramPlan, _ folders: [String]) throws(ContainerError) -> cinit_process {
    let arena = Arena()
    var entry = cinit_entry()
    entry.program = try program.lowered(into: arena)
    entry.program.creates_folder = 0
    let descriptor = cinit_open_process(pid)
    guard descriptor >= 0 else { throw .failed(Errno(rawValue: -descriptor), "the container is not running: process \(pid)") }
    let container = OwnedFile(adopting: descriptor)
    entry.container = container.descriptor
    entry.namespaces = try namespaces(of: pid)
    entry.joins_users = entry.namespaces & CLONE_NEWUSER == 0 ? 0 : 1
    let cgroups = try CgroupDoors(folders)
    (entry.cgroup, entry.cgroup_tasks, entry.cgroup_task_count) = cgroups.lowered(into: arena)
    var process = cinit_process()
    let outcome = withExtendedLifetime((arena, cgroups)) { cinit_enter(&entry, &process) }
    guard outcome >= 0 else { throw .failed(Errno(rawValue: -outcome), "enter the namespaces of process \(pid)") }
    return process
  }

  /// The kinds of namespaces in which the process is somewhere else than we are; nothing else need be, or may be, joined.
  private static func namespaces(of pid: Int32) throws(ContainerError) -> Int32 {
    var kinds: Int32 = 0
    for (name, kind) in [
      ("user", CLONE_NEWUSER), ("mnt", CLONE_NEWNS), ("net", CLONE_NEWNET), ("pid", CLONE_NEWPID), ("ipc", CLONE_NEWIPC),
      ("uts", CLONE_NEWUTS), ("cgroup", CLONE_NEWCGROUP),
    ] {
      do {
        if try FileIdentity(path: "/proc/\(pid)/ns/\(name)") != FileIdentity(path: "/proc/thread-self/ns/\(name)") { kinds |= kind }
      } catch { throw .failed(error) }
    }
    return kinds
  }
}
