import Glibc
import Linux
import TestSupport
import Testing

@Suite("berth: what a container may not do", .networkNamespace)
struct SecurityTests {
  /// What `/proc/self/status` says of a container's program.
  private func status(_ berth: Berth, _ options: [String], _ field: String) throws -> String {
    String(try berth.shell(options, "grep ^\(field): /proc/self/status").text.dropFirst(field.count + 2).dropLast())
  }

  @Test(
    "capabilities are docker's, more with --cap-add, less with --cap-drop",
    arguments: [
      ([], "00000000a80425fb"), (["--cap-drop", "ALL"], "0000000000000000"),
      (["--cap-drop", "ALL", "--cap-add", "CHOWN"], "0000000000000001"),
      (["--cap-drop", "cap_net_raw"], "00000000a80405fb"), (["--cap-add", "SYS_ADMIN"], "00000000a82425fb"),
    ] as [([String], String)])
  func capabilities(options: [String], mask: String) throws {
    let berth = try Berth()
    for field in ["CapEff", "CapPrm", "CapBnd"] { #expect(try status(berth, options, field) == mask) }
    for field in ["CapInh", "CapAmb"] { #expect(try status(berth, options, field) == "0000000000000000") }
    #expect(try status(berth, options + ["-u", "web"], "CapEff") == "0000000000000000")
  }

  @Test("an unknown capability is named in one sentence", arguments: ["--cap-add", "--cap-drop"])
  func unknownCapability(option: String) throws {
    let output = try Berth().shell([option, "FLYING"], "true")
    #expect(output.status == 125)
    #expect(output.errors.contains("FLYING") && output.errors.split(separator: "\n").count == 1, "\(output)")
  }

  @Test("--privileged: all capabilities, no filter, nothing hidden, the host's devices")
  func privileged() throws {
    let berth = try Berth(), line = "ls /dev | wc -l; grep -c ro, /proc/self/mountinfo; grep -E '^(CapBnd|Seccomp):' /proc/self/status"
    let plain = try berth.shell([], line).text.split(separator: "\n"),
      privileged = try berth.shell(["--privileged"], line).text.split(separator: "\n")
    let own = try Command.run("grep CapBnd /proc/self/status").text.dropLast()
    #expect(privileged.suffix(2) == [own, "Seccomp:\t0"])
    #expect(plain.suffix(2) == ["CapBnd:\t00000000a80425fb", "Seccomp:\t2"])
    #expect(try #require(Int(privileged[0])) > #require(Int(plain[0])))
    #expect(try berth.shell(["--privileged"], "echo 1 > /proc/sys/net/ipv4/ip_forward && cat /proc/sys/net/ipv4/ip_forward").text == "1\n")
  }

  @Test(
    "what tells of the machine or changes it is hidden or read-only",
    arguments: [
      ("cat /proc/kcore /proc/keys /proc/timer_list 2>/dev/null | head -c 1 | wc -c", "0\n"),
      ("ls /sys/firmware /proc/acpi 2>/dev/null | grep -v : | grep -c .", "0\n"),
      ("echo 1 2>&1 > /proc/sys/net/ipv4/ip_forward", "Read-only file system"),
      ("mkdir /sys/fs/cgroup/mine 2>&1", "Read-only file system"), ("touch /sys/x 2>&1", "Read-only file system"),
      ("busybox mknod /tmp/disk b 8 0 && cat /tmp/disk 2>&1", "Operation not permitted"),
    ])
  func hidden(line: String, answer: String) throws {
    let output = try Berth().shell([], "exec 2>&1; \(line)")
    #expect(output.text.hasSuffix(answer) || output.text.contains(answer), "\(output)")
  }

  @Test("the filter refuses what docker's refuses, and allows more with a capability or another profile")
  func filter() throws {
    let berth = try Berth(), refused = "Operation not permitted"
    let mount = "busybox mount -t tmpfs none /tmp 2>&1 && echo mounted", unshare = "busybox unshare -U true 2>&1 && echo unshared"
    #expect(try berth.shell([], mount).text.contains("permission denied") || berth.shell([], mount).text.contains(refused))
    #expect(try berth.shell(["--cap-add", "SYS_ADMIN"], mount).text == "mounted\n")
    #expect(try berth.shell([], unshare).text.contains(refused))
    #expect(try berth.shell(["--security-opt", "seccomp=unconfined"], unshare).text == "unshared\n")
    try FileSystem.create(
      "/run/profile.json",
      content: Array(#"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO"}]}"#.utf8))
    #expect(try berth.shell(["--security-opt", "seccomp=/run/profile.json"], "mkdir /a 2>&1").text.contains(refused))
    let missing = try berth.shell(["--security-opt", "seccomp=/run/missing.json"], "true")
    #expect(missing.status == 125 && missing.errors.contains("/run/missing.json"), "\(missing)")
  }

  @Test("no descriptor of who calls berth is open in the container, nor can a working directory lead through one")
  func descriptors() throws {
    let berth = try Berth(), words = berth.prefix + ["run", "--rm", "--network", "none"]
    let line = "exec 7</ 8>/run/outside; \((words + ["--rootfs", berth.rootfs]).joined(separator: " ")) ls /proc/self/fd"
    // The fourth is the folder that ls reads.
    #expect(try Command.attempt(["sh", "-c", line]).text == "0\n1\n2\n3\n")
    try berth.start("lasting")
    let exec = (berth.prefix + ["exec", "lasting", "ls", "/proc/self/fd"]).joined(separator: " ")
    #expect(try Command.attempt(["sh", "-c", "exec 7</ 8>/run/outside; \(exec)"]).text == "0\n1\n2\n3\n")
    for number in 3..<16 {
      let inside = ["-w", "/proc/self/fd/\(number)"]
      let run = (words + inside + ["--rootfs", berth.rootfs, "pwd"]).joined(separator: " ")
      #expect(try Command.attempt(["sh", "-c", "exec 7</ 8</run; \(run)"]).status == 125)
      let exec = (berth.prefix + ["exec"] + inside + ["lasting", "pwd"]).joined(separator: " ")
      #expect(try Command.attempt(["sh", "-c", "exec 7</ 8</run; \(exec)"]).status != 0)
    }
  }

  @Test("a program that names /proc/self/exe gets neither to see nor to write the host's executable")
  func ownExecutable() throws {
    let berth = try Berth()
    try FileSystem.create("\(berth.rootfs)/evil", content: Array("#!/proc/self/exe\n".utf8), mode: 0o755)
    #expect(try berth.attempt("run", "--rm", "--network", "none", "--rootfs", berth.rootfs, "/evil").status == 126)
    try berth.start("lasting")
    #expect(try berth.attempt("exec", "lasting", "/evil").status == 126)
    #expect(try berth("exec", "lasting", "busybox", "readlink", "/proc/1/exe") == "/bin/busybox")
  }

  @Test("a volume's target stays in the root, wherever links of the image lead", arguments: ["../../../../../run/outside", "/run/outside"])
  func volumeTargets(link: String) throws {
    let berth = try Berth()
    for folder in ["/run/outside", "/run/source"] { try FileSystem.createFolders(folder) }
    try FileSystem.create("/run/source/file", content: Array("inside\n".utf8))
    symlink(link, "\(berth.rootfs)/link")
    let output = try berth.shell(["-v", "/run/source:/link/x"], "cat /run/outside/x/file")
    #expect(output.text == "inside\n", "\(output)")
    #expect(try FileSystem.names(in: "/run/outside").isEmpty)
  }

  @Test(
    "a volume's name is no path, its target has no .., and nothing is mounted into /proc",
    arguments: ["../evil:/x", "a/../../b:/x", "/run:/../../run/x", "/run:/a/../..", "/run:/proc/sys", "/run:/"])
  func volumeRefusals(volume: String) throws {
    let output = try Berth().shell(["-v", volume], "true")
    #expect(output.status == 125 && output.errors.split(separator: "\n").count == 1, "\(output)")
  }

  @Test("a working directory never leaves the root", arguments: ["/../../..", "/link", "/proc/self/cwd/../.."])
  func workingFolder(path: String) throws {
    let berth = try Berth()
    symlink("/../../..", "\(berth.rootfs)/link")
    #expect(try berth.shell(["-w", path], "pwd; ls -d /www").text == "/\n/www\n")
  }

  @Test(
    "--userns private: root of the container is nobody on the host, with his own files, and cannot reach the host's",
    .enabled(if: hasOrdinaryUsers))
  func users() throws {
    let berth = try Berth()
    try FileSystem.createFolders("/run/volume")
    try FileSystem.create("/run/volume/secret", content: Array("secret\n".utf8), mode: 0o600)
    let output = try berth.shell(
      ["--userns", "private", "-v", "/run/volume:/volume"],
      "grep -c 1879048192 /proc/self/uid_map; id -u; touch /made && ls -l /made | grep -c ' root '; cat /volume/secret 2>&1")
    #expect(output.text == "1\n0\n1\ncat: can't open '/volume/secret': Permission denied\n", "\(output)")
    var status = stat()
    #expect(stat("\(berth.rootfs)/made", &status) == 0 && status.st_uid == 0)
    #expect(try berth.shell(["--userns", "private", "-v", "own:/own"], "touch /own/made && ls -ln /own | grep -c ' 0  *0 '").text == "1\n")
    #expect(stat("\(berth.root)/volumes/own/_data/made", &status) == 0 && status.st_uid == 0)
    try berth.start("lasting", ["--network", "none", "--userns", "private"])
    #expect(try berth("exec", "lasting", "grep", "-c", "1879048192", "/proc/self/uid_map") == "1")
    #expect(try berth.shell(["--userns", "other"], "true").status == 125)
  }

  @Test(
    "limits of processes hold, and a wrong one is named", arguments: [("nofile=64", "ulimit -n", "64\n"), ("core=0:0", "ulimit -c", "0\n")])
  func limits(limit: String, line: String, answer: String) throws {
    let berth = try Berth()
    #expect(try berth.shell(["--ulimit", limit], line).text == answer)
    let wrong = try berth.shell(["--ulimit", "wings=2"], "true")
    #expect(wrong.status == 125 && wrong.errors.contains("wings=2"), "\(wrong)")
  }
}
