import JSON
import Linux
import TestSupport
import Testing

@Suite("tuning: what goes wrong", .networkNamespace)
struct TuningRecoveryTests {
  private static let keys: JSONValue = ["mac": "02:00:00:00:00:01", "mtu": 1400, "promisc": true, "allmulti": true, "txQLen": 2000]

  @Test("DEL succeeds without a saved file, interface or namespace, and leaves no file")
  func deleteWithout() throws {
    let tuned = try TuningContainer(), configuration = tuned.configuration(Self.keys)
    try tuned.runner.expect("DEL", configuration, in: tuned.container)
    for lost in ["interface", "namespace", "path"] {
      _ = try tuned.runner.add(configuration, in: tuned.container)
      #expect(try tuned.savedFiles() == ["c1_eth0.json"])
      switch lost {
      case "path": try tuned.runner.expect("DEL", configuration, in: nil)
      case "namespace": #expect(try tuned.runner.run("DEL", configuration, netns: "/run/netns/gone").status == 0)
      default:
        try tuned.shell("ip link set eth0 name other")
        try tuned.runner.expect("DEL", configuration, in: tuned.container)
        try tuned.shell("ip link set other name eth0")
      }
      #expect(try tuned.savedFiles().isEmpty)
    }
  }

  @Test("a second ADD keeps what the first one saved, and adds what it did not")
  func secondAdd() throws {
    let tuned = try TuningContainer(), before = try tuned.link()
    _ = try tuned.runner.add(tuned.configuration(["mtu": 1400]), in: tuned.container)
    _ = try tuned.runner.add(tuned.configuration(Self.keys.with("mtu", 1300)), in: tuned.container)
    #expect(try tuned.link()["mtu"] == 1300 && tuned.savedFiles() == ["c1_eth0.json"])
    try tuned.runner.expect("DEL", tuned.configuration(), in: tuned.container)
    #expect(try tuned.link() == before)
  }

  @Test("what was saved from an interface that is gone is not given to the next one of that name")
  func otherInterface() throws {
    let tuned = try TuningContainer(), configuration = tuned.configuration(["mtu": 1400])
    for command in ["DEL", "ADD"] {
      try tuned.shell("ip link set eth0 mtu 1450")
      _ = try tuned.runner.add(configuration, in: tuned.container)
      try tuned.shell("ip link del eth0")
      try tuned.shell("ip link add eth0 type veth peer name peer0")
      if command == "ADD" { _ = try tuned.runner.add(configuration, in: tuned.container) }
      try tuned.runner.expect("DEL", configuration, in: tuned.container)
      #expect(try tuned.link()["mtu"] == 1500 && tuned.savedFiles().isEmpty)
    }
  }

  @Test("a failed ADD takes back what it has changed")
  func failedAdd() throws {
    let tuned = try TuningContainer(), before = try tuned.link()
    // veth refuses more than 65535.
    let keys = Self.keys.with("mtu", 65536).with("sysctl", ["net.core.somaxconn": "77", "net.ipv4.conf.IFNAME.arp_filter": "1"])
    let somaxconn = try tuned.sysctl("net.core.somaxconn")
    let output = try tuned.runner.run("ADD", tuned.configuration(keys), in: tuned.container)
    #expect(try output.status == 1 && output.json["msg"].string.contains("mtu greater than device maximum"), "\(output)")
    #expect(try tuned.link() == before && tuned.savedFiles().isEmpty)
    #expect(try tuned.sysctl("net.core.somaxconn") == somaxconn && tuned.sysctl("net.ipv4.conf.eth0.arp_filter") == "0")
  }

  @Test("a file that another attachment's name leads to is left alone")
  func sharedName() throws {
    var tuned = try TuningContainer()
    try tuned.shell("ip link add b_c type veth peer name peer1")
    (tuned.runner.containerID, tuned.runner.interfaceName) = ("a", "b_c")
    _ = try tuned.runner.add(tuned.configuration(["mtu": 1400]), in: tuned.container)
    try tuned.shell("ip link add c type veth peer name peer2")
    (tuned.runner.containerID, tuned.runner.interfaceName) = ("a_b", "c")
    let output = try tuned.runner.run("ADD", tuned.configuration(["mtu": 1400]), in: tuned.container)
    #expect(try output.status == 1 && output.json["details"] == "net/a/b_c", "\(output)")
    #expect(try tuned.savedFiles() == ["a_b_c.json"])
    try tuned.runner.expect("DEL", tuned.configuration(["mtu": 1400]), in: tuned.container)
    #expect(try tuned.savedFiles() == ["a_b_c.json"])
  }

  @Test(
    "a damaged file hinders neither ADD nor DEL",
    arguments: ["", "{", "[]", #"{"mtu":"x"}"#, #"{"mtu":-4}"#, #"{"swift-cni":{"attachment":3}}"#])
  func damagedFile(content: String) throws {
    let tuned = try TuningContainer(), before = try tuned.link(), configuration = tuned.configuration(["mtu": 1400])
    try FileSystem.createFolders(TuningContainer.folder)
    try FileSystem.create(TuningContainer.file, content: Array(content.utf8))
    try tuned.runner.expect("DEL", configuration, in: tuned.container)
    #expect(try tuned.savedFiles().isEmpty)
    try FileSystem.create(TuningContainer.file, content: Array(content.utf8))
    _ = try tuned.runner.add(configuration, in: tuned.container)
    try tuned.runner.expect("DEL", configuration, in: tuned.container)
    #expect(try tuned.link() == before && tuned.savedFiles().isEmpty)
  }

  @Test("GC removes the files of this network's lost attachments and no others")
  func collectGarbage() throws {
    var tuned = try TuningContainer()
    for (container, network) in [("kept", "net"), ("lost", "net"), ("foreign", "other")] {
      tuned.runner.containerID = container
      _ = try tuned.runner.add(tuned.configuration(["mtu": 1400], network: network), in: tuned.container)
    }
    for name in ["reference_eth0.json", "torn_eth0.json", ".hidden", "x.json"] {
      try FileSystem.create("\(TuningContainer.folder)/\(name)", content: Array((name == "torn_eth0.json" ? "{" : #"{"mtu":1500}"#).utf8))
    }
    try FileSystem.create(
      "\(TuningContainer.folder)/lost_eth0.json.new", content: FileSystem.read("\(TuningContainer.folder)/lost_eth0.json"))
    let configuration = tuned.configuration([
      "cni.dev/valid-attachments": [["containerID": "kept", "ifname": "eth0"], ["containerID": "lost", "ifname": "eth1"]]
    ]).without("prevResult")
    try tuned.runner.expect("GC", configuration, in: nil)
    let rest = ["foreign_eth0.json", "kept_eth0.json", "reference_eth0.json", "torn_eth0.json", ".hidden", "x.json"]
    #expect(try tuned.savedFiles().sorted() == rest.sorted())
    try tuned.runner.expect("GC", configuration.with("dataDir", "/run/nowhere"), in: nil)
  }

  /// The system calls of an ADD or a DEL that change something.
  private static let changes = ["mkdir", "linkat", "rename", "unlink", "sendto", "write", "setns"]

  @Test("an ADD that was killed, and then deleted, collected or added again, leaves nothing", arguments: ["DEL", "GC", "ADD"])
  func killedAdd(wayBack: String) throws {
    let keys = Self.keys.with("sysctl", ["net.core.somaxconn": "77"])
    let points = try Tampering.sweep("signal=KILL", at: Self.changes) { point in
      let tuned = try TuningContainer(), before = try tuned.link(), configuration = tuned.configuration(keys)
      let happened = try point.run("ADD", configuration, by: tuned.runner, in: tuned.container).happened
      if wayBack == "GC" {
        try tuned.runner.expect("GC", tuned.configuration().without("prevResult"), in: nil)
      } else {
        if wayBack == "ADD" { _ = try tuned.runner.add(configuration, in: tuned.container) }
        try tuned.runner.expect("DEL", configuration, in: tuned.container)
        #expect(try tuned.link() == before, "\(point)")
      }
      #expect(try tuned.savedFiles().isEmpty, "\(point)")
      return happened
    }
    // In and out of the namespace twice, the sysctl, the folders, three steps for the file, two requests, the result.
    #expect(points > 12)
  }

  @Test("a DEL that was killed is finished by the next one")
  func killedDelete() throws {
    let points = try Tampering.sweep("signal=KILL", at: Self.changes) { point in
      let tuned = try TuningContainer(), before = try tuned.link(), configuration = tuned.configuration(Self.keys)
      _ = try tuned.runner.add(configuration, in: tuned.container)
      let happened = try point.run("DEL", configuration, by: tuned.runner, in: tuned.container).happened
      try tuned.runner.expect("DEL", configuration, in: tuned.container)
      #expect(try tuned.link() == before && tuned.savedFiles().isEmpty, "\(point)")
      return happened
    }
    #expect(points > 4)
  }

  @Test("an ADD whose system calls fail says so and leaves nothing, or succeeds", arguments: ["ENOMEM", "EINTR", "EIO"])
  func failingCalls(error: String) throws {
    let keys = Self.keys.with("sysctl", ["net.core.somaxconn": "77"])
    let calls = Self.changes + ["openat", "read", "socket", "recvmsg", "getsockopt", "bind"]
    let points = try Tampering.sweep("error=\(error)", at: calls) { point in
      let tuned = try TuningContainer()
      let before = try tuned.link(), somaxconn = try tuned.sysctl("net.core.somaxconn"), configuration = tuned.configuration(keys)
      let (output, happened) = try point.run("ADD", configuration, by: tuned.runner, in: tuned.container)
      if output.status == 0 { try tuned.runner.expect("CHECK", configuration, in: tuned.container) }
      // Success, and an answer that could not be written, are for the runtime to undo.
      if output.status == 0 || output.text.isEmpty { try tuned.runner.expect("DEL", configuration, in: tuned.container) }
      #expect(try tuned.link() == before && tuned.savedFiles().isEmpty, "\(point): \(output)")
      // The dynamic linker gives up in its own way, with status 127, before the plugin has begun.
      guard output.status == 1, !output.text.isEmpty else { return happened }
      #expect(try output.json["code"].integer != nil && tuned.sysctl("net.core.somaxconn") == somaxconn, "\(point): \(output)")
      return happened
    }
    #expect(points > 12)
  }

  @Test(
    "the reference's files and ours are one format", .enabled(if: Command.find("/usr/lib/cni/tuning") != nil), arguments: [true, false])
  func referenceFormat(oursFirst: Bool) throws {
    let tuned = try TuningContainer(), before = try tuned.link()
    let reference = PluginRunner(folder: "/usr/lib/cni"), configuration = tuned.configuration(Self.keys.without("txQLen"), version: "1.0.0")
    let (first, second) = oursFirst ? (tuned.runner, reference) : (reference, tuned.runner)
    _ = try first.add(configuration, in: tuned.container)
    #expect(try tuned.link() != before && tuned.savedFiles() == ["c1_eth0.json"])
    try second.expect("DEL", configuration, in: tuned.container)
    #expect(try tuned.link() == before && tuned.savedFiles().isEmpty)
  }
}
