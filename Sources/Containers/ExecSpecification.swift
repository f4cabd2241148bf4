/// A program that is to run in a container that already runs.
public struct ExecSpecification: Sendable {
  /// The command: argument 0 is looked up in the container's PATH unless it contains a slash.
  public var arguments: [String]
  /// `NAME=value`: the container's own and what is added for this program.
  public var environment: [String] = []
  /// Where the program starts; it must exist.
  public var workingFolder = "/"
  /// Whom it runs as, by the container's own /etc/passwd and /etc/group.
  public var user = ProcessUser()
  /// The permissions that new files do not get.
  public var umask: UInt32 = 0o022
  /// The container's folders in all hierarchies of cgroups.
  public var cgroupFolders: [String] = []
  /// The container's capabilities.
  public var capabilities = CapabilitySet.standard
  /// Whether set-user-ID programs work.
  public var allowsNewPrivileges = true
  /// The container's policy.
  public var seccomp = SeccompPolicy.standard
  /// A folder for compiled filters, which only this user may write to; compiling one takes 10 ms. nil: compiled each time.
  public var seccompCacheFolder: String?
  /// All capabilities and no filter (`exec --privileged`, or in a privileged container).
  public var isPrivileged = false
  /// Limits per process.
  public var resourceLimits: [ResourceLimit] = []

  /// A program with docker's defaults.
  public init(arguments: [String]) { self.arguments = arguments }

  /// A program with the settings of the container that it joins.
  public init(arguments: [String], like container: ContainerSpecification) {
    self.arguments = arguments
    environment = container.environment
    workingFolder = container.workingFolder
    user = container.user
    umask = container.umask
    cgroupFolders = container.cgroupFolders
    capabilities = container.capabilities
    allowsNewPrivileges = container.allowsNewPrivileges
    seccomp = container.seccomp
    seccompCacheFolder = container.seccompCacheFolder
    isPrivileged = container.isPrivileged
    resourceLimits = container.resourceLimits
  }
}
