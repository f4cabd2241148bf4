import Glibc

/// The parts of a container's file system that are the same in all of them (OCI runtime specification for Linux; docker's defaults).
enum StandardPaths {
  /// Hidden: what tells about the machine or its hardware, or could be abused for side channels.
  static let masked = [
    "/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
    "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap",
  ]

  /// Read-only: what changes the machine.
  static let readOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

  /// Symbolic links in /dev and their targets.
  static var links: [(name: String, target: String)] {
    // Kernels that have no image of their memory to offer get no link to it.
    access("/proc/kcore", F_OK) == 0 ? everywhere + [("core", "/proc/kcore")] : everywhere
  }

  private static let everywhere: [(name: String, target: String)] = [
    ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2"),
    ("ptmx", "pts/ptmx"),
  ]
}
