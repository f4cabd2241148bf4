/// A part of the kernel that limits or counts what the processes of a cgroup use.
enum CgroupController: String, Sendable, CaseIterable {
  case cpu
  /// Version 1 only; version 2 counts CPU time in every cgroup.
  case cpuAccounting = "cpuacct"
  case cpuSet = "cpuset"
  case memory
  case processes = "pids"
  /// Version 1 only; version 2 asks an eBPF program.
  case devices
  /// Version 1 only; every cgroup of version 2 can be frozen.
  case freezer
  /// `blkio` in version 1.
  case blockDevices = "io"

  /// Reads a name as mountinfo, `/proc/PID/cgroup` and `cgroup.controllers` write it.
  init?(name: some StringProtocol) { self.init(rawValue: name == "blkio" ? "io" : String(name)) }
}
