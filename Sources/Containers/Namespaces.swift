import CLinux

/// Which namespaces a container has to itself, namespaces(7).
public struct Namespaces: Sendable, Equatable {
  /// Where a container's namespace comes from.
  public enum Origin: Sendable, Equatable {
    /// Made for the container.
    case new
    /// The one that this process is in.
    case ofHost
    /// That of another container: `/proc/PID/ns/net`.
    case join(path: String)
  }

  /// Interfaces, addresses, routes, packet filters.
  public var network = Origin.new
  /// Processes and their numbers; cannot be joined.
  public var process = Origin.new
  /// System V IPC and POSIX message queues.
  public var ipc = Origin.new
  /// The name of the machine.
  public var uts = Origin.new
  /// The root of what is seen of cgroups.
  public var cgroup = Origin.new
  /// Users, and the capabilities over everything else.
  public var user = Origin.ofHost

  /// Everything new, with the host's users. A container's mounts are always its own.
  public init() {}

  /// The CLONE_NEW… of those that are new.
  var newFlags: UInt64 {
    var flags = UInt64(UInt32(bitPattern: CLONE_NEWNS))
    for (origin, flag) in kinds where origin == .new { flags |= UInt64(UInt32(bitPattern: flag)) }
    return flags
  }

  /// The paths of those to join.
  var joined: [String] {
    kinds.compactMap { origin, _ in if case .join(let path) = origin { path } else { nil } }
  }

  private var kinds: [(Origin, Int32)] {
    [
      (user, CLONE_NEWUSER), (network, CLONE_NEWNET), (process, CLONE_NEWPID), (ipc, CLONE_NEWIPC), (uts, CLONE_NEWUTS),
      (cgroup, CLONE_NEWCGROUP),
    ]
  }
}
