import Addresses
import JSON
import Linux
import Overlay
import TestSupport
import Testing

@Suite("berth's overlay networks", .networkNamespace)
struct BerthNetworkTests {
  @Test("give containers addresses of this host's part")
  func create() throws {
    let segment = try Segment(hosts: 2, ["Network": "10.244.0.0/16"])
    // berth's plugin looks in the usual place.
    segment[1].state = StateFolder(network: "lab")
    try segment.start()
    let berth = "\(FileSystem.folder(of: PluginRunner.executable))/berth"
    func run(_ words: String...) throws -> Command.Output {
      try segment[1].namespace.run {
        try Command.attempt([berth, "--cni-path", segment.runner.folder, "--cni-conf", "/run/conf"] + words)
      }
    }
    try FileSystem.createFolders("/run/rootfs/bin")
    try Command.run("cp \(Command.find("busybox").orThrow("no busybox")) /run/rootfs/bin/busybox")
    try Command.run("ln -s busybox /run/rootfs/bin/sh")
    let made = try run("network", "create", "-d", "overlay", "lab")
    #expect(made.status == 0 && !made.errors.contains("not in CNI_PATH"), "\(made)")
    #expect(try run("network", "create", "-d", "overlay", "--subnet", "10.1.0.0/16", "other").errors.contains("--subnet: driver overlay"))
    let container = try segment[2].attach("c2")
    let output = try run(
      "run", "--rm", "--network", "lab", "--rootfs", "/run/rootfs", "sh", "-c",
      "busybox ping -c 1 -w 60 \(container.address(.v4)) && busybox ip addr")
    #expect(output.status == 0 && output.text.contains(" 0% packet loss") && output.text.contains("inet 10.244."), "\(output)")
  }
}
