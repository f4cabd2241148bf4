import Containers
import Glibc
import Linux
import TestSupport
import Testing

@Suite("Seccomp profiles", .networkNamespace)
struct SeccompProfileTests {
  /// Runs a line of shell under a profile.
  private func run(_ line: String, _ profile: String, change: (inout ContainerSpecification) throws -> Void = { _ in }) throws -> Run {
    let root = try BusyboxRoot()
    let path = "\(root.folder)/profile.json"
    try FileSystem.create(path, content: Array(profile.utf8))
    var container = root.shell(line)
    container.seccomp = .profile(path: path)
    try change(&container)
    return try Run(container)
  }

  @Test("a rule's error number, and a test of an argument")
  func rules() throws {
    let profile = """
      {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64"], "syscalls": [
        {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
        {"names": ["kill"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 10, "op": "SCMP_CMP_EQ"}]},
        {"names": ["no_such_call"], "action": "SCMP_ACT_KILL_PROCESS"}]}
      """
    let run = try run("mkdir /x; kill -10 1; kill -0 1 && echo alive", profile)
    #expect(
      run.lines == [
        "mkdir: can't create directory '/x': No space left on device", "sh: can't kill pid 1: Operation not permitted", "alive",
      ])
  }

  @Test("rules by capability")
  func capabilities() throws {
    let profile = """
      {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "excludes": {"caps": ["CAP_NET_ADMIN"]}},
        {"names": ["rmdir", "unlinkat"], "action": "SCMP_ACT_ERRNO", "includes": {"caps": ["CAP_NET_ADMIN"], "minKernel": "4.8"}},
        {"names": ["chdir"], "action": "SCMP_ACT_ERRNO", "includes": {"minKernel": "99.0"}}]}
      """
    #expect(try run("mkdir /x && echo made", profile).lines == ["mkdir: can't create directory '/x': Operation not permitted"])
    #expect(
      try run("mkdir /x && echo made; cd /x && rmdir /x", profile) {
        $0.capabilities = try CapabilitySet(adding: ["NET_ADMIN"], dropping: [])
      }
      .lines == ["made", "rmdir: '/x': Operation not permitted"])
  }

  @Test("a call that kills")
  func kills() throws {
    let profile = #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_KILL_PROCESS"}]}"#
    #expect(try run("exec mkdir /x", profile) { $0.hasReaper = true }.status == 128 + SIGSYS)
  }

  @Test(
    "what is wrong with a profile is said by field",
    arguments: [
      ("{", "line 1, column 1: string or '}' expected near end of file"),
      ("[]", "expected an object, found an array"),
      ("{}", "defaultAction: expected a string, found null"),
      (
        #"{"defaultAction": "ALLOW"}"#,
        "defaultAction: \"ALLOW\" is no action: expected SCMP_ACT_ALLOW, ERRNO, KILL, KILL_PROCESS, TRAP, TRACE or LOG"
      ),
      (
        #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [], "action": "SCMP_ACT_ALLOW"}]}"#,
        "syscalls[0].names: expected at least one system call"
      ),
      (
        #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_LOG", "args": [{"index": 6, "op": "SCMP_CMP_EQ"}]}]}"#,
        "syscalls[0].args.index: 6 is no argument's position: expected 0 to 5"
      ),
    ])
  func mistakes(profile: String, words: String) throws {
    let error = #expect(throws: ContainerError.self) { try run("true", profile) }
    #expect(error?.description.hasSuffix("profile.json: \(words)") == true, "\(error?.description ?? "")")
  }

  @Test("compiled filters are kept, used again, and not trusted if others could have written them")
  func cache() throws {
    let root = try BusyboxRoot(), folder = "\(root.folder)/cache"
    var container = root.shell("mkdir /x && echo made; rm -rf /x")
    container.seccompCacheFolder = folder
    #expect(try Run(container).output == "made\n")
    let names = try FileSystem.names(in: folder)
    #expect(names.count == 1)
    // One instruction: whatever is called, the process is killed. So if this file is read, the program cannot even be run.
    let kill: [UInt8] = [0x06, 0, 0, 0, 0, 0, 0, 0x80]
    try FileSystem.replace("\(folder)/\(names[0])", content: kill, mode: 0o600)
    #expect(try Run(container).status == 128 + SIGSYS)
    try Command.run("chmod 666 \(folder)/\(names[0])")
    #expect(try Run(container).output == "made\n")
  }
}
