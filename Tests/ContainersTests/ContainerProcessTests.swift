import Containers
import Glibc
import Linux
import TestSupport
import Testing

@Suite("Containers", .networkNamespace)
struct ContainerProcessTests {
  @Test("a container's program is process 1 with its own host name and only a loopback interface")
  func namespaces() throws {
    let root = try BusyboxRoot()
    var container = root.shell("echo $$; cat /proc/sys/kernel/hostname; ls /sys/class/net; id -u; echo $HOSTNAME $HOME $PATH")
    container.hostName = "box"
    let run = try Run(container)
    #expect(run.lines == ["1", "box", "lo", "0", "box /root /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
    #expect(run.status == 0)
  }

  @Test(
    "the exit status is the program's own, or 128 and the signal that ended it",
    arguments: [("exit 7", 7), ("kill -9 $$; echo survived", 0), ("exec sleep x", 1)])
  func exitStatus(line: String, status: Int32) throws {
    let root = try BusyboxRoot()
    #expect(try Run(root.shell(line)).status == status)
  }

  @Test("a program that does not exist is 127, one that cannot be executed 126")
  func missing() throws {
    let root = try BusyboxRoot()
    try root.write("text", "no program")
    for (command, status, words) in [
      ("nothing", 127, "exec: \"nothing\": executable file not found in $PATH"),
      ("/bin/nothing", 127, "exec: \"/bin/nothing\": No such file or directory"),
      ("/text", 126, "exec: \"/text\": Permission denied"),
      ("/etc", 126, "exec: \"/etc\": Is a directory"),
    ] as [(String, Int32, String)] {
      let error = #expect(throws: ContainerError.self) { try Run(root.container(command)) }
      #expect(error?.exitStatus == status)
      #expect(error?.description == words)
    }
  }
}
