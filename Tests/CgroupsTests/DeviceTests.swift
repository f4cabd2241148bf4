import Cgroups
import Glibc
import Linux
import TestSupport
import Testing

@testable import Cgroups

@Suite("Devices of a cgroup", .networkNamespace)
struct DeviceTests {
  /// Version 1 asks a list, version 2 a program; a machine with both versions can do both.
  static var both: [[CgroupHierarchy.Version]] { [[.one], [.two]] }

  /// What opening a device for reading or writing in such a cgroup says; nil where the version is not mounted.
  private func attempts(_ lines: [String], _ policy: DevicePolicy, _ versions: [CgroupHierarchy.Version]) throws -> [String]? {
    let mounted = try CgroupHierarchy.mounted().filter { versions.contains($0.version) }
    guard mounted.contains(where: { $0.version == .two || $0.controllers.contains(.devices) }) else { return nil }
    let test = try TestCgroup(CgroupLimits(devices: policy), in: mounted)
    for (name, numbers) in [("null", "c 1 3"), ("log", "c 1 11"), ("port", "c 1 4"), ("disk", "b 1 0")]
    where !FileSystem.isFolder("/run/\(name)") {
      _ = try Command.attempt("mknod /run/\(name) \(numbers)".split(separator: " ").map(String.init))
    }
    return try lines.map { try Member("\($0); echo $?", in: test.cgroup).line() ?? "nothing" }
  }

  private let probes = ["(: < /run/null)", "(: > /run/null)", "(: < /run/log)", "(: > /run/log)", "mknod /run/new-$$ c 1 4"]

  @Test("only the usual devices can be opened, and any can be made", arguments: both)
  func standard(versions: [CgroupHierarchy.Version]) throws {
    guard let statuses = try attempts(probes, .standard(), versions) else { return }
    #expect(statuses == ["0", "0", "2", "2", "0"])
  }

  @Test("a device that is added can be used in the ways that were given", arguments: both)
  func added(versions: [CgroupHierarchy.Version]) throws {
    let log = DeviceRule(.character, major: 1, minor: 11, access: .read)
    guard let statuses = try attempts(probes, .standard(adding: [log]), versions) else { return }
    #expect(statuses == ["0", "0", "0", "2", "0"])
  }

  @Test("a privileged container may open every device", arguments: both)
  func unrestricted(versions: [CgroupHierarchy.Version]) throws {
    guard let statuses = try attempts(probes, .unrestricted, versions) else { return }
    #expect(statuses == ["0", "0", "0", "0", "0"])
  }

  @Test("a rule says in the kernel's words what it allows")
  func text() {
    #expect(DeviceRule(.block, major: 8).text == "b 8:* rwm")
    #expect(DeviceRule(.character, major: 1, minor: 3, access: [.read, .create]).text == "c 1:3 rm")
    #expect(DeviceRule.Access(letters: "mr") == [.read, .create])
    #expect(DeviceRule.Access(letters: "rx") == nil)
    #expect(DeviceRule.Access(letters: "") == nil)
  }
}
