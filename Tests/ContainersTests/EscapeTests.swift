import Containers
import Glibc
import Linux
import TestSupport
import Testing

@Suite("Ways out of a container that are closed", .networkNamespace)
struct EscapeTests {
  @Test(
    "a symbolic link in the image does not lead a mount's target out of the root",
    arguments: ["/../../../../../../tmp", "../../../../../../../tmp", "/proc/../../../tmp"])
  func targetLink(link: String) throws {
    let root = try BusyboxRoot(), name = "berth-escape-\(getpid())-\(root.folder.hashValue)"
    symlink(link, "\(root.lower)/data")
    var container = root.shell("cat /tmp/\(name)/deep/file")
    try FileSystem.create("\(root.folder)/host/file", content: Array("inside\n".utf8))
    container.mounts = [.bind("\(root.folder)/host", on: "/data/\(name)/deep")]
    let run = try Run(container)
    #expect(run.output == "inside\n")
    #expect(!FileManager.exists("/tmp/\(name)"))
  }

  @Test("a dangling link as a mount's target makes the file that it names inside the root")
  func danglingTarget() throws {
    let root = try BusyboxRoot()
    symlink("../run/resolve/stub", "\(root.lower)/etc/resolv.conf")
    try FileSystem.create("\(root.folder)/host/resolv", content: Array("nameserver\n".utf8))
    var container = root.shell("cat /etc/resolv.conf; readlink /etc/resolv.conf")
    container.mounts = [.bind("\(root.folder)/host/resolv", on: "/etc/resolv.conf")]
    #expect(try Run(container).lines == ["nameserver", "../run/resolve/stub"])
  }

  @Test("links in a circle are an error")
  func circle() throws {
    let root = try BusyboxRoot()
    symlink("b", "\(root.lower)/a")
    symlink("a", "\(root.lower)/b")
    var container = root.container("true")
    container.mounts = [.temporary(on: "/a/x")]
    let error = #expect(throws: ContainerError.self) { try Run(container) }
    #expect(error?.reason == .failed(.tooManyLinks))
  }

  @Test("a target that is swapped for a link again and again never leads out of the root")
  func race() throws {
    let root = try BusyboxRoot(), outside = "\(root.folder)/outside"
    try FileSystem.createFolders(outside)
    try FileSystem.createFolders("\(root.lower)/data")
    symlink("../../../../../../../../../\(outside)", "\(root.lower)/link")
    // A program of the host exchanges the folder and the link as fast as it can, until it is killed.
    let swapping = """
      import ctypes, sys
      libc = ctypes.CDLL(None)
      print("ready", flush=True)
      while True: libc.renameat2(-100, sys.argv[1].encode(), -100, sys.argv[2].encode(), 2)
      """
    let (writing, reading) = try RunningContainer.channel(), output = OwnedFile(adopting: reading)
    var attacker = root.container("python3", "-c", swapping, "/base/data", "/base/link")
    for name in ["lib", "lib64"] { symlink("usr/\(name)", "\(root.lower)/\(name)") }
    attacker.mounts = [.bind("/usr", on: "/usr"), .bind(root.lower, on: "/base")]
    attacker.seccomp = .unconfined
    var process = try ContainerProcess(creating: attacker, streams: .descriptors(input: 0, output: writing, errors: writing))
    close(writing)
    try process.start()
    var ready = [UInt8](repeating: 0, count: 16)
    #expect(read(output.descriptor, &ready, 16) > 0)
    var victim = root.container("true")
    victim.root = .folder(root.lower)
    victim.mounts = [.bind("\(root.folder)/host", on: "/data/\(String(repeating: "d/", count: 8))end")]
    for _ in 0..<40 { _ = try? Run(victim) }
    kill(process.processID, SIGKILL)
    _ = try process.wait()
    #expect(try FileSystem.names(in: outside).isEmpty)
  }

  @Test("nothing is mounted into /proc, whether named so or through a link", arguments: ["/proc/self/attr", "/link/attr", "/proc"])
  func proc(target: String) throws {
    let root = try BusyboxRoot()
    symlink("/proc/self", "\(root.lower)/link")
    var container = root.container("true")
    container.mounts = [.bind("\(root.folder)/host", on: target)]
    if target == "/proc" {
      // The whole of /proc may be somebody's folder; then nothing of the kernel's is there.
      #expect(try Run(container).status == 0)
    } else {
      let error = #expect(throws: ContainerError.self) { try Run(container) }
      #expect(error?.description.hasSuffix("the target is inside the container's /proc") == true)
    }
  }

  @Test("a script that names /proc/self/exe runs the sealed stub, not the host's executable (CVE-2019-5736)")
  func ownExecutable() throws {
    let root = try BusyboxRoot()
    try root.write("evil", "#!/proc/self/exe\n", mode: 0o755)
    #expect(try Run(root.container("/evil")).status == 126)
    let container = try RunningContainer(root)
    #expect(try Run(in: container.process, ExecSpecification(arguments: ["/evil"])).status == 126)
    #expect(try container.end() == 0)
  }

  @Test("what runs a program that joins a container is not to be seen there before it is the sealed stub")
  func joiningProcess() throws {
    let root = try BusyboxRoot()
    // With the one capability that lets a process look into all others.
    let container = try RunningContainer(
      root, after: "while :; do for p in /proc/[0-9]*; do readlink $p/exe; done; done >> /seen 2>&1 &",
      change: {
        $0.capabilities = .all; $0.seccomp = .unconfined
      })
    for _ in 0..<40 {
      _ = try Run(in: container.process, ExecSpecification(arguments: ["true"]))
    }
    _ = try container.end()
    let seen = Set(String(decoding: try FileSystem.read("\(root.upper)/seen"), as: UTF8.self).split(separator: "\n").map(String.init))
    #expect(seen.contains("/bin/busybox"))
    #expect(seen.subtracting(["/bin/busybox", "/memfd:berth-init (deleted)"]) == [])
  }

  @Test("no descriptor of the parent is open in the container, not even one without close-on-exec")
  func descriptors() throws {
    let root = try BusyboxRoot(), leak = open("/", O_RDONLY)
    defer { close(leak) }
    let run = try Run(root.shell("ls /proc/self/fd"))
    // The fourth is the folder that ls reads.
    #expect(run.lines == ["0", "1", "2", "3"])
    let container = try RunningContainer(root)
    #expect(try Run(in: container.process, ExecSpecification(arguments: ["ls", "/proc/self/fd"])).lines == ["0", "1", "2", "3"])
    _ = try container.end()
  }

  @Test("a working directory in /proc/self/fd leads nowhere (CVE-2024-21626)", arguments: 3..<12)
  func workingFolder(number: Int) throws {
    let root = try BusyboxRoot(), leak = open("/", O_RDONLY | O_DIRECTORY)
    defer { close(leak) }
    var container = root.container("true")
    container.workingFolder = "/proc/self/fd/\(number)"
    #expect(throws: ContainerError.self) { try Run(container) }
    container.workingFolder = "/proc/self/fd/\(leak)/tmp"
    #expect(throws: ContainerError.self) { try Run(container) }
  }

  @Test("names of users are not looked up in files of the host that a link leads to")
  func passwd() throws {
    let root = try BusyboxRoot()
    try FileSystem.remove("\(root.lower)/etc/passwd")
    try FileSystem.create("\(root.folder)/host/passwd", content: Array("hostuser:x:77:77::/:/bin/sh\n".utf8))
    symlink("../../../../../../../..\(root.folder)/host/passwd", "\(root.lower)/etc/passwd")
    var container = root.container("id")
    container.user = ProcessUser("hostuser")
    let error = #expect(throws: ContainerError.self) { try Run(container) }
    #expect(error?.description == "unable to find user hostuser: no matching entries in passwd file")
  }

  @Test("mounts of the container are not seen outside, and the host's root is gone")
  func mounts() throws {
    let root = try BusyboxRoot()
    let run = try Run(root.shell("ls -a /; grep -vc zzz /proc/self/mountinfo; ls /..; readlink /proc/1/root"))
    #expect(!run.output.contains("work\n"))
    #expect(run.lines.last == "/")
    #expect(try !FileSystem.read("/proc/self/mountinfo").contains(root.folder))
  }
}
