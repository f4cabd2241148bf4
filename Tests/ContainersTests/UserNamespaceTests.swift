import Containers
import Glibc
import Linux
import TestSupport
import Testing

@Suite("User namespaces", .networkNamespace)
struct UserNamespaceTests {
  /// A container whose users 0 to 65535 are the host's 100000 to 165535.
  private func mapped(_ container: inout ContainerSpecification) {
    let range = UserMapping.Range(container: 0, host: 100_000, count: 65536)
    container.namespaces.user = .new
    container.userMapping = UserMapping(users: [range], groups: [range])
  }

  @Test("root of the container is an ordinary user of the host, and yet root over the container's files")
  func overlay() throws {
    let root = try BusyboxRoot()
    try Command.run("chmod 700 \(root.folder)")
    var container = root.shell(
      """
      cat /proc/self/uid_map; stat -c '%u %g' /bin/busybox; echo x > /file; stat -c %u /file; grep CapEff /proc/self/status
      ls /dev; echo x > /dev/null && cat /data/file /etc/hosts; ls /sys/class/net; echo 1 > /proc/sys/net/ipv4/ip_forward; id -u
      """)
    mapped(&container)
    try FileSystem.create("\(root.folder)/host/file", content: Array("data\n".utf8))
    container.mounts = [.bind("\(root.folder)/host", on: "/data", isReadOnly: true), .bind("\(root.folder)/host/file", on: "/etc/hosts")]
    container.hostName = "mapped"
    let run = try Run(container)
    #expect(
      run.lines.filter { $0 != "core" } == [
        "         0     100000      65536", "0 0", "0", "CapEff:\t00000000a80425fb", "fd", "full", "mqueue", "null", "ptmx", "pts",
        "random", "shm",
        "stderr", "stdin", "stdout", "tty", "urandom", "zero", "data", "data", "lo",
        "sh: can't create /proc/sys/net/ipv4/ip_forward: Read-only file system", "0",
      ])
    var status = stat()
    #expect(stat("\(root.upper)/file", &status) == 0 && status.st_uid == 0)
  }

  @Test("other users of the container are users of the host in the same distance")
  func otherUsers() throws {
    let root = try BusyboxRoot()
    try Command.run("chmod 777 \(root.lower)/tmp")
    let running = try RunningContainer(root) {
      mapped(&$0)
      $0.user = ProcessUser("web")
    }
    var status = stat()
    #expect(stat("/proc/\(running.process.processID)", &status) == 0 && status.st_uid == 101_000)
    let run = try Run(
      in: running.process, ExecSpecification(arguments: ["sh", "-c", "id -u; cat /proc/self/uid_map; readlink /proc/self/ns/user"]))
    let own = try FileSystem.target(ofLink: "/proc/\(running.process.processID)/ns/user")
    #expect(run.lines == ["0", "         0     100000      65536", own])
    _ = try running.end()
  }

  @Test("a folder as the root has mapped users too")
  func folder() throws {
    let root = try BusyboxRoot()
    var container = root.container("stat", "-c", "%u", "/bin/busybox")
    container.root = .folder(root.lower)
    mapped(&container)
    let run = try Run(container)
    #expect(run.output == "0\n")
  }

  @Test("without a mapping there is no user namespace")
  func unmapped() throws {
    let root = try BusyboxRoot()
    var container = root.container("true")
    container.namespaces.user = .new
    let error = #expect(throws: ContainerError.self) { try Run(container) }
    #expect(error?.description == "a new user namespace needs a mapping of users and groups")
  }
}
