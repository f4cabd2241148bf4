internal import Cgroups
internal import Containers
internal import Glibc
internal import Linux

/// A device of the host that a container may use: `--device /dev/fuse[:/dev/other[:rwm]]`.
struct DeviceOption {
  let device: Device
  let rule: DeviceRule

  init(_ text: String) throws(EngineError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    var path = parts[0], access = DeviceRule.Access.all
    if parts.count == 2, let letters = DeviceRule.Access(letters: parts[1]) {
      access = letters
    } else if parts.count >= 2 {
      path = parts[1]
    }
    if parts.count == 3 {
      guard let letters = DeviceRule.Access(letters: parts[2]) else {
        throw EngineError("invalid device mode: \(parts[2]): expected letters out of rwm", exitCode: 125)
      }
      access = letters
    }
    guard parts.count <= 3, path.hasPrefix("/") else { throw EngineError("bad format for device: \(text)", exitCode: 125) }
    var status = stat()
    guard stat(parts[0], &status) == 0 else {
      throw EngineError("error gathering device information while adding custom device \"\(parts[0])\": \(Errno.last)", exitCode: 125)
    }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFCHR || kind == S_IFBLK else { throw EngineError("\"\(parts[0])\": not a device node", exitCode: 125) }
    // The kernel's 12 bits of major and 20 of minor number, as in makedev(3).
    let number = status.st_rdev
    let major = UInt32(truncatingIfNeeded: number >> 8 & 0xfff), minor = UInt32(truncatingIfNeeded: number & 0xff | number >> 12 & 0xfff00)
    device = Device(path, kind == S_IFCHR ? .character : .block, major: major, minor: minor, permissions: status.st_mode & 0o777)
    rule = DeviceRule(kind == S_IFCHR ? .character : .block, major: major, minor: minor, access: access)
  }
}
