import Containers
import Glibc
import Linux
import TestSupport
import Testing

@Suite("Who a container's program is", .networkNamespace)
struct IdentityTests {
  @Test(
    "users and groups by name and number, as docker understands them",
    arguments: [
      ("", "uid=0(root) gid=0(root) groups=0(root)", "/root"),
      ("web", "uid=1000(web) gid=1001(web) groups=1001(web),1002(logs)", "/home/web"),
      ("1000", "uid=1000(web) gid=1001(web) groups=1001(web),1002(logs)", "/home/web"),
      ("web:logs", "uid=1000(web) gid=1002(logs) groups=1002(logs)", "/home/web"),
      ("4321", "uid=4321 gid=0(root) groups=0(root)", "/"), ("4321:8", "uid=4321 gid=8 groups=8", "/"),
      (":extra", "uid=0(root) gid=1003(extra) groups=1003(extra)", "/root"),
    ])
  func users(user: String, identity: String, home: String) throws {
    let root = try BusyboxRoot()
    var container = root.shell("id; echo $HOME")
    container.user = ProcessUser(user)
    let run = try Run(container)
    #expect(run.lines == [identity, home])
  }

  @Test("additional groups")
  func additionalGroups() throws {
    let root = try BusyboxRoot()
    var container = root.container("id", "-G")
    container.user = ProcessUser("web", additionalGroups: ["extra", "4000"])
    #expect(try Run(container).lines == ["1001 1002 1003 4000"])
    container.user = ProcessUser("web", additionalGroups: ["nobodies"])
    let error = #expect(throws: ContainerError.self) { try Run(container) }
    #expect(error?.description == "unable to find group nobodies: no matching entries in group file")
  }

  @Test(
    "unknown names and numbers out of range are refused",
    arguments: [
      ("ghost", "unable to find user ghost: no matching entries in passwd file"),
      ("root:ghosts", "unable to find group ghosts: no matching entries in group file"),
      ("2147483648", "user 2147483648: expected a name or a number from 0 to 2147483647"),
    ])
  func unknown(user: String, words: String) throws {
    let root = try BusyboxRoot()
    var container = root.container("true")
    container.user = ProcessUser(user)
    let error = #expect(throws: ContainerError.self) { try Run(container) }
    #expect(error?.description == words)
  }

  /// The capability sets that a program in a container finds.
  private func capabilities(_ change: (inout ContainerSpecification) throws -> Void) throws -> [String: UInt64] {
    let root = try BusyboxRoot()
    var container = root.container("cat", "/proc/self/status")
    try change(&container)
    var sets: [String: UInt64] = [:]
    for line in try Run(container).lines where line.hasPrefix("Cap") {
      sets[String(line.prefix(6))] = UInt64(line.drop { $0 != "\t" }.dropFirst(), radix: 16)
    }
    return sets
  }

  @Test("root has docker's capabilities and no inheritable ones, other users none")
  func standardCapabilities() throws {
    let root = try capabilities { _ in }
    #expect(root["CapEff"] == 0xa804_25fb)
    #expect(root["CapPrm"] == 0xa804_25fb)
    #expect(root["CapBnd"] == 0xa804_25fb)
    #expect(root["CapInh"] == 0)
    let user = try capabilities { $0.user = ProcessUser("web") }
    #expect(user["CapEff"] == 0)
    #expect(user["CapPrm"] == 0)
    #expect(user["CapBnd"] == 0xa804_25fb)
  }

  @Test("capabilities are added and dropped by name")
  func changedCapabilities() throws {
    let changed = try capabilities { $0.capabilities = try CapabilitySet(adding: ["net_admin", "CAP_SYS_PTRACE"], dropping: ["CHOWN"]) }
    #expect(changed["CapEff"] == (0xa804_25fb | 1 << 12 | 1 << 19) & ~1)
    #expect(try capabilities { $0.capabilities = try CapabilitySet(adding: [], dropping: ["ALL"]) }["CapEff"] == 0)
    #expect(try capabilities { $0.capabilities = try CapabilitySet(adding: ["KILL"], dropping: ["all"]) }["CapEff"] == 1 << 5)
    let most = try capabilities { $0.capabilities = try CapabilitySet(adding: ["ALL"], dropping: ["SYS_ADMIN"]) }
    #expect(most["CapEff"].map { $0 & 1 << 21 } == 0)
    #expect(most["CapEff"].map { $0 & 1 << 12 } == 1 << 12)
    #expect(throws: ContainerError.self) { try CapabilitySet(named: "FLY") }
  }

  @Test("no_new_privs is set when asked for, and the seccomp filter is there")
  func privileges() throws {
    let root = try BusyboxRoot()
    var container = root.container("grep", "-E", "NoNewPrivs|Seccomp:", "/proc/self/status")
    #expect(try Run(container).lines == ["NoNewPrivs:\t0", "Seccomp:\t2"])
    container.allowsNewPrivileges = false
    #expect(try Run(container).lines == ["NoNewPrivs:\t1", "Seccomp:\t2"])
    container.user = ProcessUser("web")
    #expect(try Run(container).lines == ["NoNewPrivs:\t1", "Seccomp:\t2"])
  }

  @Test("the working directory is made, signals and the umask are those of a fresh process")
  func process() throws {
    let root = try BusyboxRoot()
    signal(SIGUSR2, SIG_IGN)
    var container = root.shell("readlink /proc/self/cwd; umask; grep -E 'SigBlk|SigIgn' /proc/self/status; readlink /proc/self/fd/0")
    container.workingFolder = "/srv/app/deep"
    container.user = ProcessUser("web")
    let run = try Run(container)
    #expect(run.lines == ["/srv/app/deep", "0022", "SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000", "/dev/null"])
    signal(SIGUSR2, SIG_DFL)
    container.workingFolder = "here"
    let error = #expect(throws: ContainerError.self) { try Run(container) }
    #expect(error?.description == "the working directory \"here\" is invalid, it needs to be an absolute path")
  }

  @Test("resource limits and the oom score")
  func limits() throws {
    let root = try BusyboxRoot()
    var container = root.shell("ulimit -n; ulimit -Hn; ulimit -c; cat /proc/self/oom_score_adj")
    container.resourceLimits = [try ResourceLimit("nofile=100:200"), try ResourceLimit("core=0")]
    container.oomScoreAdjustment = 300
    #expect(try Run(container).lines == ["100", "200", "0", "300"])
    for text in ["nofile", "nofile=x", "files=3", "nofile=5:3", "nofile=1:2:3"] {
      #expect(throws: ContainerError.self) { try ResourceLimit(text) }
    }
  }

  @Test("sysctls of the container's own namespaces are set, others refused")
  func sysctls() throws {
    let root = try BusyboxRoot()
    var container = root.shell("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shmmax /proc/sys/net/ipv4/ping_group_range")
    container.sysctls = [("net.ipv4.ip_forward", "1"), ("kernel.shmmax", "12345"), ("net.ipv4.ping_group_range", "0 2147483647")]
    #expect(try Run(container).lines == ["1", "12345", "0\t2147483647"])
    container.sysctls = [("vm.swappiness", "1")]
    #expect(throws: ContainerError.self) { try Run(container) }
    container.sysctls = [("net.ipv4.no_such_thing", "1")]
    let error = #expect(throws: ContainerError.self) { try Run(container) }
    #expect(error?.description == "set the sysctl net.ipv4.no_such_thing to 1: No such file or directory")
    container.sysctls = [("net.ipv4.ip_forward", "1")]
    container.namespaces.network = .ofHost
    #expect(throws: ContainerError.self) { try Run(container) }
  }
}
