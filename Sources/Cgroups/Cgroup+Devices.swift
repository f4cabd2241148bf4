import CLinux
import Glibc
import Linux

extension Cgroup {
  /// Restricts which devices may be used. In a user namespace this is left out: nobody there can make device files at all.
  func restrictDevices(_ policy: DevicePolicy) throws(CgroupError) {
    guard case .standard(let added) = policy else { return }
    do throws(SystemError) {
      if let place = place(of: .devices), place.version == .one {
        try restrict(devicesFolder: place.folder, added)
      } else if let unifiedFolder {
        try attachProgram(to: unifiedFolder, DeviceProgram(allowing: DevicePolicy.usual + added))
      } else if try Cgroup.ownsMachine() {
        throw SystemError(.notSupported, "no hierarchy for them is mounted")
      }
    } catch {
      if error.code == .notPermitted, (try? Cgroup.ownsMachine()) == false { return }
      throw CgroupError("cannot restrict devices: \(error)", code: error.code)
    }
  }

  private func restrict(devicesFolder folder: String, _ added: [DeviceRule]) throws(SystemError) {
    try ControlFile.write("a", to: "\(folder)/devices.deny")
    let file = try OwnedFile("\(folder)/devices.allow", flags: .writeOnly)
    for rule in DevicePolicy.usual {
      // What the caller's own cgroup may not use cannot be passed on, and need not be.
      do { try file.write(Array(rule.text.utf8)) } catch { if error.code != .notPermitted { throw error } }
    }
    for rule in added {
      do { try file.write(Array(rule.text.utf8)) } catch { throw SystemError(error.code, "allow \(rule.text)") }
    }
  }

  private func attachProgram(to folder: String, _ program: DeviceProgram) throws(SystemError) {
    let place = try OwnedFile(folder, flags: [.readOnly, .folder])
    let result = clinux_attach_device_program(place.descriptor, program.instructions, UInt32(program.instructions.count))
    if result < 0 { throw SystemError(Errno(rawValue: -result), "load the eBPF program") }
  }

  /// Whether the caller is root of the machine's first user namespace.
  private static func ownsMachine() throws(SystemError) -> Bool {
    guard geteuid() == 0 else { return false }
    return try ControlFile.read("/proc/self/uid_map").split(separator: " ").map(\.trimmed) == ["0", "0", "4294967295"]
  }
}
