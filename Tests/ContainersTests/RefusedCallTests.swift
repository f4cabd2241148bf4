import Containers
import Glibc
import Linux
import TestSupport
import Testing

@Suite("Profiles that refuse what the init itself needs: it fails, and never goes round in circles", .networkNamespace)
struct RefusedCallTests {
  /// A container whose profile refuses some calls. Who uses a second of processor time is going round in circles, and is killed.
  private func container(_ root: BusyboxRoot, refusing calls: [String], error: Int32 = EPERM) throws -> ContainerSpecification {
    let names = calls.map { "\"\($0)\"" }.joined(separator: ", "), path = "\(root.folder)/profile.json"
    let rule = "{\"names\": [\(names)], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": \(error)}"
    try FileSystem.replace(path, content: Array("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [\(rule)]}".utf8))
    var container = root.shell("exit 7")
    container.seccomp = .profile(path: path)
    container.resourceLimits = [try ResourceLimit("cpu=1:1")]
    return container
  }

  @Test("without execve and exit_group the start fails")
  func execution() throws {
    let root = try BusyboxRoot()
    var container = try container(root, refusing: ["execve", "exit_group"])
    // The start's failure says nothing of how its process has ended: this one fails by not coming back.
    container.resourceLimits = []
    let error = #expect(throws: ContainerError.self) { try Run(container) }
    #expect(error?.exitStatus == 126)
  }

  @Test("with --init and without rt_sigtimedwait, process 1 still reaps and ends as the program does", arguments: [EPERM, EINVAL])
  func waiting(error: Int32) throws {
    let root = try BusyboxRoot()
    var container = try container(root, refusing: ["rt_sigtimedwait"], error: error)
    container.hasReaper = true
    #expect(try Run(container).status == 7)
  }

  @Test("with --init and without wait4, process 1 ends")
  func reaping() throws {
    let root = try BusyboxRoot()
    var container = try container(root, refusing: ["wait4"])
    container.hasReaper = true
    #expect(try Run(container).status == 125)
  }

  @Test("with --init and without new processes, process 1 is the program")
  func cloning() throws {
    let root = try BusyboxRoot()
    var container = try container(root, refusing: ["clone", "fork", "vfork"])
    container.hasReaper = true
    container.arguments = ["grep", "SigBlk", "/proc/1/status"]
    #expect(try Run(container).lines == ["SigBlk:\t0000000000000000"])
  }

  @Test("a call that is interrupted for ever is not repeated for ever")
  func interrupted() throws {
    let root = try BusyboxRoot(), container = try container(root, refusing: ["execveat", "sendmsg", "exit_group"], error: EINTR)
    #expect(try Run(container).status == 126)
  }
}
