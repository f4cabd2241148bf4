extension Cgroup {
  /// Makes a container's cgroup below the caller's own cgroup, and sets its limits. `name` is a relative path: `berth/<id>`.
  ///
  /// A leftover of the same name without processes is replaced. Fails, leaving nothing behind, if a limit was asked that cannot be set: the
  /// error names the limit and the reason. Without limits it succeeds also where cgroups may not be changed at all, with no folders.
  public static func create(name: String, limits: CgroupLimits = CgroupLimits()) throws(CgroupError) -> Cgroup {
    throw CgroupError("cgroups are not there yet")
  }

  /// The cgroup with these folders, as `folders` told; folders that have gone are left out.
  public init(folders: [String]) throws(CgroupError) { self.init(folders: [], hierarchies: []) }

  /// The names of the cgroups directly below `name` (`berth`), in any hierarchy: for finding leftovers.
  public static func names(below name: String) throws(CgroupError) -> [String] { [] }

  /// The cgroup `name` made earlier from a process in the same cgroup as the caller: for leftovers.
  public init(existing name: String) throws(CgroupError) { self.init(folders: [], hierarchies: []) }

  /// Changes those limits that are not nil; devices are left alone.
  public func update(_ limits: CgroupLimits) throws(CgroupError) {}

  /// What its processes use now and have used.
  public func statistics() throws(CgroupError) -> CgroupStatistics { CgroupStatistics() }

  /// Moves a process into the cgroup, with all its threads. Slow: see `taskFiles`.
  public func add(_ process: Int32) throws(CgroupError) {}

  /// The IDs of all processes in it and below, as the caller's PID namespace numbers them; ascending.
  public func processes() throws(CgroupError) -> [Int32] { [] }

  /// Stops all processes, and returns when they stand.
  public func freeze() throws(CgroupError) {}

  /// Lets all processes go on.
  public func thaw() throws(CgroupError) {}

  /// Whether the processes are frozen.
  public func isFrozen() throws(CgroupError) -> Bool { false }

  /// Kills every process in it and below, frozen ones too; returns before they have ended.
  public func kill() throws(CgroupError) {}

  /// Removes the folders and what was made below them, waiting until the processes have ended; fails after `milliseconds`.
  public func remove(within milliseconds: Int32 = 10_000) throws(CgroupError) {}

  /// How many of its processes the kernel has killed because memory was short.
  public func outOfMemoryKills() throws(CgroupError) -> UInt64 { 0 }

  /// A descriptor for poll(2) and epoll(7) that reports POLLPRI or POLLIN when memory may have run out; nil if nobody counts memory.
  /// Afterwards `outOfMemoryKills` tells whether a process was killed. See `OutOfMemoryMonitor`.
  public func outOfMemoryMonitor() throws(CgroupError) -> OutOfMemoryMonitor? { nil }
}

/// Reports when a cgroup runs out of memory.
public struct OutOfMemoryMonitor: ~Copyable {
  /// For poll(2) and epoll(7).
  public var descriptor: Int32 { -1 }
  /// The events to wait for: POLLIN in version 1, POLLPRI in version 2.
  public var events: Int16 { 0 }
  /// Takes the event, so that the descriptor reports the next one.
  public func acknowledge() {}
}

extension CgroupLimits {
  /// Refuses what no kernel or this machine cannot keep, in docker's words.
  public func validate() throws(CgroupError) {}
}

/// The versions of cgroups that are mounted here: for `berth info`.
public enum CgroupVersion: String, Sendable {
  case one = "1"
  case two = "2"
  /// The version that has the controllers.
  public static func current() throws(CgroupError) -> CgroupVersion { .one }
}
