import Glibc
import Linux
import TestSupport

/// The machine's cgroups, mounted once more in the test's own mount namespace: two hierarchies of version 1, or the one of version 2.
struct CgroupHierarchies {
  /// Where they are mounted.
  let places: [String]
  /// What matches their lines in /proc/PID/cgroup.
  let pattern: String

  init() throws {
    let root = "/sys/fs/cgroup"
    // A controller that is just not in use anywhere could be taken from version 2: the machine says where it is.
    if try String(decoding: FileSystem.read("/proc/self/cgroup"), as: UTF8.self).contains(":pids:") {
      try Command.run("mount -t tmpfs tmpfs \(root)")
      for controller in ["pids", "memory"] { try CgroupHierarchies.mount(controller, in: root) }
      places = ["\(root)/pids", "\(root)/memory"]
      pattern = ":(pids|memory):"
    } else {
      // The machine's own mount may be there already: the kernel mounts nothing twice at one place.
      if try Command.run("stat -f -c %T \(root)").text != "cgroup2fs\n" { try Command.run("mount -t cgroup2 cgroup \(root)") }
      places = [root]
      pattern = "^0::"
    }
  }

  private static func mount(_ controller: String, in root: String) throws {
    try FileSystem.createFolders("\(root)/\(controller)")
    try Command.run("mount -t cgroup -o \(controller) cgroup \(root)/\(controller)")
  }
}
