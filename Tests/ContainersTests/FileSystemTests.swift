import Containers
import Glibc
import Linux
import TestSupport
import Testing

@Suite("A container's files", .networkNamespace)
struct ContainerFileTests {
  @Test("changes go to the upper layer, and nothing remains mounted")
  func overlay() throws {
    let root = try BusyboxRoot()
    let run = try Run(root.shell("echo changed > /etc/group; echo new > /file; grep -c ' / overlay ' /proc/mounts"))
    #expect(run.lines == ["1"])
    #expect(try FileSystem.read("\(root.upper)/etc/group") == Array("changed\n".utf8))
    #expect(try FileSystem.read("\(root.lower)/etc/group").count > 20)
    #expect(try FileSystem.names(in: "\(root.folder)/mount").isEmpty)
    #expect(try !FileSystem.read("/proc/self/mounts").contains(root.folder))
  }

  @Test("the upper of many layers wins, and 128 layers with long names are no problem")
  func layers() throws {
    let root = try BusyboxRoot()
    var lower: [String] = []
    for number in 0..<127 {
      let layer = "\(root.folder)/\(String(repeating: "x", count: 180)),:\\\(number)"
      try FileSystem.createFolders(layer)
      try FileSystem.create("\(layer)/number", content: Array("\(number)".utf8))
      lower.append(layer)
    }
    var container = root.container("cat", "/number")
    container.root = .overlay(
      lower: lower + [root.lower], upper: root.upper, work: "\(root.folder)/work", mountPoint: "\(root.folder)/mount")
    #expect(try Run(container).output == "0")
  }

  @Test("a folder can be the root, and a read-only root refuses changes while volumes take them")
  func readOnly() throws {
    let root = try BusyboxRoot()
    var container = root.shell("touch /x; touch /data/x && echo written; touch /tmp/x && echo temporary")
    container.root = .folder(root.lower)
    container.isReadOnly = true
    container.mounts = [.bind("\(root.folder)/host", on: "/data"), .temporary(on: "/tmp")]
    let run = try Run(container)
    #expect(run.lines == ["touch: /x: Read-only file system", "written", "temporary"])
    #expect(FileManager.exists("\(root.folder)/host/x"))
    #expect(!FileManager.exists("\(root.lower)/tmp/x"))
  }

  @Test("volumes: folders and files, read-only ones, missing targets are made, a folder is mounted before what lies in it")
  func volumes() throws {
    let root = try BusyboxRoot()
    try FileSystem.create("\(root.folder)/host/file", content: Array("hello\n".utf8))
    var container = root.shell("cat /new/deep/file /etc/hosts /a/b/c; echo x > /etc/hosts; touch /a/b/y; ls -d /a/b/c")
    container.mounts = [
      .bind("\(root.folder)/host/file", on: "/a/b/c"),
      .bind("\(root.folder)/host", on: "/new/deep"),
      .bind("\(root.folder)/host/file", on: "/etc/hosts", isReadOnly: true),
      .temporary(on: "/a/b", options: ["size=1m", "mode=700"]),
    ]
    let run = try Run(container)
    #expect(
      run.lines == ["hello", "hello", "hello", "sh: can't create /etc/hosts: Read-only file system", "/a/b/c"])
  }

  @Test("a missing source names the mount")
  func missingSource() throws {
    let root = try BusyboxRoot()
    var container = root.container("true")
    container.mounts = [.bind("/nowhere/at/all", on: "/data")]
    let error = #expect(throws: ContainerError.self) { try Run(container) }
    #expect(error?.description == "open the source of the mount /nowhere/at/all on /data: No such file or directory")
    #expect(error?.exitStatus == 125)
  }

  @Test("/dev has the standard devices, links and file systems, and no more")
  func devices() throws {
    let root = try BusyboxRoot()
    let run = try Run(
      root.shell(
        "ls /dev; stat -c '%n %F %t %T %a' /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty; readlink /dev/fd; readlink /dev/ptmx"
      ))
    #expect(
      run.lines.filter { $0 != "core" } == [
        "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero",
        "/dev/null character special file 1 3 666", "/dev/zero character special file 1 5 666",
        "/dev/full character special file 1 7 666", "/dev/random character special file 1 8 666",
        "/dev/urandom character special file 1 9 666", "/dev/tty character special file 5 0 666", "/proc/self/fd", "pts/ptmx",
      ])
    #expect(try Run(root.shell("echo x > /dev/null && echo y > /dev/shm/y && cat /dev/shm/y")).output == "y\n")
  }

  @Test("what tells about the machine is hidden, and what changes it is read-only")
  func masks() throws {
    let root = try BusyboxRoot()
    let run = try Run(
      root.shell(
        "cat /proc/keys /proc/timer_list /proc/interrupts /proc/kcore 2>/dev/null; ls /sys/firmware; touch /proc/sys/kernel/pid_max; "
          + "echo 1 > /proc/sys/kernel/pid_max; echo 1 > /proc/irq/default_smp_affinity; echo 1 > /sys/kernel/profiling"))
    #expect(
      run.lines == [
        "touch: /proc/sys/kernel/pid_max: Read-only file system", "sh: can't create /proc/sys/kernel/pid_max: Read-only file system",
        "sh: can't create /proc/irq/default_smp_affinity: Read-only file system",
        "sh: can't create /sys/kernel/profiling: Read-only file system",
      ])
  }

  @Test("a privileged container can change the machine's settings and has its devices")
  func privileged() throws {
    let root = try BusyboxRoot()
    var container = root.shell(
      "cat /proc/sys/vm/swappiness > /proc/sys/vm/swappiness && ls -d /dev/kmsg && grep -E 'Seccomp:' /proc/self/status")
    container.isPrivileged = true
    let run = try Run(container)
    #expect(run.lines == ["/dev/kmsg", "Seccomp:\t0"])
  }

  @Test("the container sees its own cgroups, read-only")
  func cgroups() throws {
    let root = try BusyboxRoot(), name = "berth-test-\(getpid())"
    let hierarchies = try CgroupHierarchies(), folders = hierarchies.places.map { "\($0)/\(name)" }
    for folder in folders { try FileSystem.createFolders(folder) }
    defer { for folder in folders { _ = try? FileSystem.removeFolder(folder) } }
    let own = hierarchies.places[0]
    var container = root.shell(
      "grep -c '/berth' /proc/self/cgroup; grep -E '\(hierarchies.pattern)' /proc/self/cgroup; grep -c . \(own)/cgroup.procs; touch \(own)/x; mkdir /sys/fs/cgroup/x"
    )
    container.cgroupFolders = folders
    let run = try Run(container)
    #expect(run.lines.first == "0")
    #expect(run.lines.filter { $0.hasSuffix(":/") }.count == folders.count)
    #expect(
      run.lines.suffix(3) == [
        "2", "touch: \(own)/x: Read-only file system", "mkdir: can't create directory '/sys/fs/cgroup/x': Read-only file system",
      ])
    // A program that joins the container is in the same folders.
    let running = try RunningContainer(root) { $0.cgroupFolders = folders }
    var specification = ExecSpecification(arguments: ["grep", "-E", hierarchies.pattern, "/proc/self/cgroup"])
    specification.cgroupFolders = folders
    #expect(try Run(in: running.process, specification).lines.filter { $0.hasSuffix(":/") }.count == folders.count)
    _ = try running.end()
  }
}

/// Whether something is there.
enum FileManager {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

extension [UInt8] {
  /// Whether the text occurs.
  func contains(_ text: String) -> Bool { String(decoding: self, as: UTF8.self).contains(text) }
}
