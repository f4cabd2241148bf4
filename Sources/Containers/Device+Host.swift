import Glibc
import Linux

extension Device {
  /// The devices in the host's /dev, which a privileged container has. Terminals and what is mounted below /dev are the container's own.
  static var ofHost: [Device] { devices(in: "/dev", depth: 0) }

  private static let own: Set<String> = ["pts", "shm", "mqueue", "fd", "console", "ptmx", ".lxc", ".lxd-mounts", ".udev"]

  private static func devices(in folder: String, depth: Int) -> [Device] {
    // A folder that vanishes while we look has no devices.
    guard depth < 4, let names = try? FileSystem.names(in: folder) else { return [] }
    return names.sorted().flatMap { (name) -> [Device] in
      if depth == 0, own.contains(name) || standard.contains(where: { $0.path == "/dev/\(name)" }) { return [] }
      var status = stat()
      let path = "\(folder)/\(name)"
      guard lstat(path, &status) == 0 else { return [] }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: return devices(in: path, depth: depth + 1)
      case S_IFCHR, S_IFBLK:
        let kind: Kind = status.st_mode & S_IFMT == S_IFCHR ? .character : .block
        let number = status.st_rdev
        // As in makedev(3): the kernel's 12 bits of major and 20 of minor number.
        let major = UInt32(truncatingIfNeeded: number >> 8 & 0xfff),
          minor = UInt32(truncatingIfNeeded: number & 0xff | number >> 12 & 0xfff00)
        return [Device(path, kind, major: major, minor: minor, permissions: status.st_mode & 0o777)]
      default: return []
      }
    }
  }
}
