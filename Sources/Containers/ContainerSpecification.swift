/// Everything about a container that its init needs to know. Paths of the host are absolute.
public struct ContainerSpecification: Sendable {
  /// The command: argument 0 is looked up in the container's PATH unless it contains a slash.
  public var arguments: [String]
  /// `NAME=value`. PATH, HOSTNAME, HOME and (with a terminal) TERM are added where they are missing.
  public var environment: [String] = []
  /// Where the program starts; made if it is missing.
  public var workingFolder = "/"
  /// Whom it runs as, by the container's own /etc/passwd and /etc/group.
  public var user = ProcessUser()
  /// The permissions that new files do not get.
  public var umask: UInt32 = 0o022
  /// The name of the machine as the container sees it; nil leaves it unchanged. Needs a UTS namespace of its own.
  public var hostName: String?

  /// What the container sees as `/`.
  public var root: RootFileSystem
  /// Whether `/` is read-only. What is mounted below it is not concerned.
  public var isReadOnly = false
  /// Whether the changes in an overlay need not outlive a crash of the machine (`--rm`): then the end of the container does not wait for the disk.
  public var isTemporary = false
  /// Volumes and temporary file systems, in any order. One of a standard folder (`/dev/shm`) takes its place.
  public var mounts: [Mount] = []
  /// Devices besides the standard ones.
  public var devices: [Device] = []

  /// Which namespaces are new, the host's, or another container's.
  public var namespaces = Namespaces()
  /// Which users of the host the container's users are; needed with a new user namespace.
  public var userMapping: UserMapping?
  /// The container's folders in all hierarchies of cgroups: it is there before its program starts, and sees them in /sys/fs/cgroup.
  public var cgroupFolders: [String] = []

  /// The capabilities that the container can ever have; those that this process has not are left out.
  public var capabilities = CapabilitySet.standard
  /// Whether set-user-ID programs work.
  public var allowsNewPrivileges = true
  /// Which system calls are refused.
  public var seccomp = SeccompPolicy.standard
  /// A folder for compiled filters, which only this user may write to; compiling one takes 10 ms. nil: compiled each time.
  public var seccompCacheFolder: String?
  /// All capabilities and devices, nothing hidden, no seccomp filter: root in the container is root.
  public var isPrivileged = false
  /// Limits per process, setrlimit(2).
  public var resourceLimits: [ResourceLimit] = []
  /// Settings below /proc/sys, by their names with dots; only those that belong to a namespace of the container's own.
  public var sysctls: [(String, String)] = []
  /// Added to the score by which the kernel chooses what to kill when memory is short, -1000…1000. Left as it is where that is not permitted.
  public var oomScoreAdjustment: Int?
  /// Whether process 1 is a loop that passes signals on to the program and reaps orphans (`--init`).
  public var hasReaper = false
  /// Whether the container is killed when the thread that created it ends.
  public var endsWithParent = false

  /// A container with docker's defaults.
  public init(arguments: [String], root: RootFileSystem) {
    self.arguments = arguments
    self.root = root
  }
}
