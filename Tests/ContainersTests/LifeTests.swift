import Containers
import Glibc
import Linux
import TestSupport
import Testing

@Suite("A container's life", .networkNamespace)
struct LifeTests {
  @Test("the network is set up while the init waits")
  func created() throws {
    let root = try BusyboxRoot()
    let run = try Run(root.shell("ls /sys/class/net; cat /proc/sys/net/ipv4/conf/br9/forwarding")) { pid in
      try NetworkNamespace(path: "/proc/\(pid)/ns/net").inside { _ = try Command.run("ip link add br9 type bridge") }
    }
    #expect(run.lines == ["br9", "lo", "0"])
  }

  @Test("a sysctl of an interface that was made while the init waited is set")
  func sysctlOfInterface() throws {
    let root = try BusyboxRoot()
    var container = root.container("cat", "/proc/sys/net/ipv4/conf/br9/forwarding")
    container.sysctls = [("net.ipv4.conf.br9.forwarding", "1")]
    let run = try Run(container) { pid in
      try NetworkNamespace(path: "/proc/\(pid)/ns/net").inside { _ = try Command.run("ip link add br9 type bridge") }
    }
    #expect(run.output == "1\n")
  }

  @Test("a container that is never started goes with its value")
  func notStarted() throws {
    let root = try BusyboxRoot()
    var pid: Int32 = 0
    do {
      let process = try ContainerProcess(creating: root.container("true"), streams: .inherited)
      pid = process.processID
      #expect(kill(pid, 0) == 0)
      _ = consume process
    }
    #expect(kill(pid, 0) == -1)
  }

  @Test("a namespace of another container can be joined")
  func joins() throws {
    let root = try BusyboxRoot(), other = try TestNamespace()
    try other.run { try Command.run("ip link add shared type bridge") }
    var container = root.container("ls", "/sys/class/net")
    container.namespaces.network = .join(path: other.path)
    #expect(try Run(container).lines == ["lo", "shared"])
    container.namespaces.network = .ofHost
    try Command.run("ip link add hosts type bridge")
    #expect(try Run(container).lines == ["hosts", "lo"])
  }

  @Test("a program joins all namespaces, the root and the user's environment of a running container")
  func executes() throws {
    let root = try BusyboxRoot()
    let container = try RunningContainer(root, after: "touch /made") { $0.hostName = "inside" }
    var specification = ExecSpecification(arguments: [
      "sh", "-c", "ls -d /made; cat /proc/sys/kernel/hostname; echo $X $HOME; id -u; readlink /proc/self/cwd; exit 3",
    ])
    specification.environment = ["X=y"]
    specification.user = ProcessUser("web")
    specification.workingFolder = "/tmp"
    let run = try Run(in: container.process, specification)
    #expect(run.lines == ["/made", "inside", "y /home/web", "1000", "/tmp"])
    #expect(run.status == 3)
    for name in ["mnt", "net", "pid", "ipc", "uts", "cgroup"] {
      let own = try FileSystem.target(ofLink: "/proc/\(container.process.processID)/ns/\(name)")
      #expect(try Run(in: container.process, ExecSpecification(arguments: ["readlink", "/proc/self/ns/\(name)"])).lines == [own])
    }
    let status = try Run(in: container.process, ExecSpecification(arguments: ["grep", "-E", "CapEff|Seccomp:", "/proc/self/status"]))
    #expect(status.lines == ["CapEff:\t00000000a80425fb", "Seccomp:\t2"])
    #expect(try container.end() == 0)
  }

  @Test("a program that cannot be run in a running container says why, and leaves no process")
  func executionFails() throws {
    let root = try BusyboxRoot()
    let container = try RunningContainer(root)
    for (command, status) in [("nothing", 127), ("/etc", 126)] as [(String, Int32)] {
      let error = #expect(throws: ContainerError.self) { try Run(in: container.process, ExecSpecification(arguments: [command])) }
      #expect(error?.exitStatus == status)
    }
    var specification = ExecSpecification(arguments: ["true"])
    specification.workingFolder = "/missing"
    let error = #expect(throws: ContainerError.self) { try Run(in: container.process, specification) }
    #expect(error?.description == "enter the working directory /missing: No such file or directory")
    let processes = try Run(in: container.process, ExecSpecification(arguments: ["sh", "-c", "ls -d /proc/[0-9]*"]))
    #expect(processes.lines.count == 2)
    let pid = container.process.processID
    _ = try container.end()
    #expect(throws: ContainerError.self) { _ = try ExecutedProcess(in: pid, ExecSpecification(arguments: ["true"]), streams: .inherited) }
  }

  @Test("without --init orphans stay, with it process 1 reaps them, passes on signals and ends as the program does")
  func reaper() throws {
    let root = try BusyboxRoot()
    // An orphan that has ended, and that nobody but process 1 can reap.
    var container = root.shell("trap 'exit 5' TERM; (true & exec true); echo ready; sleep 1000 & wait")
    container.hasReaper = true
    let sink = Sink()
    var process = try ContainerProcess(creating: container, streams: sink.streams)
    try process.start()
    while try !sink.text().contains("ready") { sched_yield() }
    let zombies = "i=0; while grep -q '^[0-9]* [^ ]* Z' /proc/[0-9]*/stat && [ $i -lt 200 ]; do i=$((i+1)); done; [ $i -lt 200 ]; echo $?"
    #expect(try Run(in: process, ExecSpecification(arguments: ["sh", "-c", zombies])).lines == ["0"])
    kill(process.processID, SIGTERM)
    #expect(try process.wait() == 5)
    container.arguments = ["sh", "-c", "kill -9 $$"]
    #expect(try Run(container).status == 137)
    container.arguments = ["nothing"]
    let error = #expect(throws: ContainerError.self) { try Run(container) }
    #expect(error?.exitStatus == 127)
  }

  @Test("a terminal: the program's controlling one, of the given size, on /dev/console too; what is typed arrives")
  func terminal() throws {
    let root = try BusyboxRoot()
    let container = root.shell(
      "readlink /proc/self/fd/0; ls -l /dev/console | grep -c '^c'; echo $TERM; read line </dev/tty; echo got $line; stty size")
    symlink("busybox", "\(root.lower)/bin/stty")
    var process = try ContainerProcess(creating: container, streams: .terminal(rows: 30, columns: 100))
    try process.start()
    let terminal = process.terminal ?? -1
    #expect(write(terminal, "typed\n", 6) == 6)
    #expect(try process.wait() == 0)
    // What was typed is echoed somewhere in between.
    let lines = Terminal.text(terminal).split(whereSeparator: \.isNewline).filter { $0 != "typed" }
    #expect(lines == ["/dev/pts/0", "1", "xterm", "got typed", "30 100"])
  }

  @Test("a program in a running container has a terminal of its own there, and job control")
  func executionTerminal() throws {
    let root = try BusyboxRoot()
    let container = try RunningContainer(root)
    let process = try ExecutedProcess(
      in: container.process.processID,
      ExecSpecification(arguments: ["sh", "-ic", "readlink /proc/self/fd/0; (sleep 0; echo job) & wait; echo end > /dev/tty"]),
      streams: .terminal(rows: 10, columns: 20))
    #expect(try process.wait() == 0)
    let text = Terminal.text(process.terminal ?? -1)
    #expect(text.contains("/dev/pts/0") && text.contains("job") && text.contains("end"))
    #expect(!text.contains("can't access tty"))
    _ = try container.end()
  }

  @Test("a container can be made to end with the thread that created it")
  func endsWithParent() throws {
    let root = try BusyboxRoot()
    var container = root.container("sleep", "1000")
    container.endsWithParent = true
    let sink = Sink()
    let starter = try Starter {
      var process = try ContainerProcess(creating: container, streams: sink.streams)
      try process.start()
      return process.processID
    }
    let pid = try starter.result.get()
    var status: Int32 = 0
    #expect(waitpid(pid, &status, 0) == pid)
    #expect(status & 0x7f == SIGKILL)
  }
}
