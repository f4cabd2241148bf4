/// What a person asked for with `berth run` or `create`, as typed: words that have a grammar of their own are checked before they get here,
/// and read where they are used.
public struct RunOptions: JSONRecord {
  // The process.
  /// `-i`: the standard input stays open.
  public var isInteractive = false
  /// `-t`
  public var usesTerminal = false
  /// Whether `run` was without `-d`: docker shows it as AttachStdout.
  public var isAttached = false
  /// `--entrypoint`; a list with one empty text clears the image's.
  public var entrypoint: [String]?
  /// The words after the image.
  public var command: [String] = []
  /// `-e` and `--env-file`, resolved: `NAME=value`.
  public var environment: [String] = []
  /// `-w`
  public var workingFolder: String?
  /// `-u name|uid[:group|gid]`
  public var user: String?
  /// `--group-add`
  public var additionalGroups: [String] = []
  /// `--init`
  public var hasReaper = false
  /// `--stop-signal`
  public var stopSignal: String?
  /// `--stop-timeout` in seconds.
  public var stopTimeout: Int?

  // What becomes of it.
  /// `--rm`
  public var removesItself = false
  /// `--restart no|on-failure[:n]|always|unless-stopped`
  public var restartPolicy = RestartPolicy()
  /// `--label`, `NAME=value`.
  public var labels: [String] = []
  /// `--log-driver`
  public var logDriver = "json-file"
  /// `--log-opt`, `NAME=value`.
  public var logOptions: [String] = []
  /// `--health-*`, `--no-healthcheck`
  public var healthcheck: Healthcheck?

  // Network: read by `ContainerNetworking`.
  /// `--network`, in their order; empty for the default one.
  public var networks: [String] = []
  /// `--network-alias`
  public var networkAliases: [String] = []
  /// `--ip`
  public var address4: String?
  /// `--ip6`
  public var address6: String?
  /// `--mac-address`
  public var hardwareAddress: String?
  /// `-p [ip:]host[-range]:container[/proto]`
  public var publications: [String] = []
  /// `-P`
  public var publishesAll = false
  /// `--expose port[-range][/proto]`
  public var exposedPorts: [String] = []
  /// `--link name|id[:alias]`
  public var links: [String] = []
  /// `--hostname`
  public var hostName: String?
  /// `--domainname`
  public var domainName: String?
  /// `--add-host name:address`
  public var additionalHosts: [String] = []
  /// `--dns`
  public var nameServers: [String] = []
  /// `--dns-search`
  public var searchDomains: [String] = []
  /// `--dns-option`
  public var resolverOptions: [String] = []

  // Files.
  /// `-v`
  public var volumes: [String] = []
  /// `--mount`
  public var mounts: [String] = []
  /// `--volumes-from container[:ro]`
  public var volumesFrom: [String] = []
  /// `--tmpfs path[:options]`
  public var temporaryFolders: [String] = []
  /// `--read-only`
  public var isReadOnly = false
  /// `--shm-size` in bytes.
  public var sharedMemorySize: Int64?
  /// `--device host[:container[:rwm]]`
  public var devices: [String] = []

  // Limits.
  /// What cgroups enforce.
  public var limits = ResourceLimits()
  /// `--ulimit name=soft[:hard]`
  public var processLimits: [String] = []
  /// `--oom-score-adj`
  public var oomScoreAdjustment: Int?

  // Rights.
  /// `--cap-add`
  public var addedCapabilities: [String] = []
  /// `--cap-drop`
  public var droppedCapabilities: [String] = []
  /// `--privileged`
  public var isPrivileged = false
  /// `--security-opt`
  public var securityOptions: [String] = []
  /// `--sysctl name=value`
  public var sysctls: [String] = []
  /// `--userns`, `--pid`, `--ipc`, `--uts`, `--cgroupns`: `host`, `private`, `container:NAME`.
  public var userNamespace: String?
  /// `--pid`
  public var processNamespace: String?
  /// `--ipc`
  public var ipcNamespace: String?
  /// `--uts`
  public var hostNameNamespace: String?
  /// `--cgroupns`
  public var cgroupNamespace: String?

  /// Nothing asked for.
  public init() {}
}
