import Linux
import TestSupport
import Testing

@Suite("a reboot", .networkNamespace)
struct RebootTests {
  private let berth: Berth
  private let place: OwnCgroup

  init() throws {
    berth = try Berth()
    place = try OwnCgroup()
    // Another kernel's life is another text here.
    try live("11111111-1111-1111-1111-111111111111")
    try Command.run("mount --bind /run/life /proc/sys/kernel/random/boot_id")
  }

  private func live(_ text: String) throws {
    let file = try OwnedFile("/run/life", flags: [.writeOnly, .create, .truncate], mode: 0o644)
    try file.write(Array("\(text)\n".utf8))
  }

  private func run(_ words: [String]) throws {
    let output = try Command.attempt(place.prefix + berth.prefix + words)
    guard output.status == 0 else { throw Command.Failure(description: "berth \(words): \(output)") }
  }

  private func start(_ name: String, _ options: [String]) throws {
    try run(["run", "-d", "--name", name] + options + ["--rootfs", berth.rootfs, "httpd", "-f", "-h", "/www"])
  }

  /// Takes away what ends with the power: processes, links, rules, what lies in /run.
  private func reboot() throws {
    try place.kill()
    try live("22222222-2222-2222-2222-222222222222")
    try FileSystem.removeTree("/run/berth")
    try FileSystem.removeTree("/run/cni")
    for link in try Command.run("ip -j link show type bridge").json.elements { try Command.run("ip link del \(link["ifname"].string)") }
    try Command.run("nft flush ruleset")
  }

  private func files(_ folder: String) throws -> [String] { try FileSystem.isFolder(folder) ? FileSystem.names(in: folder).sorted() : [] }

  private func leases() throws -> [String] {
    try files("/var/lib/cni/networks/containers").filter { ("0"..."9").contains($0.first ?? " ") }
  }

  @Test("the first command tells the truth, and takes away leases, attachments and containers that remove themselves")
  func truth() throws {
    try start("web", ["-p", "8080:80"])
    try start("gone", ["--rm"])
    try run(["create", "--name", "new", "--rootfs", berth.rootfs, "true"])
    #expect(try leases().count == 2)
    try reboot()
    #expect(try berth("ps", "-q") == "")
    #expect(try berth("ps", "-a", "--format", "{{.Names}} {{.State}}").split(separator: "\n").sorted() == ["new created", "web exited"])
    #expect(
      try berth.inspect("web", "{{.State.Running}} {{.State.Pid}} {{.State.ExitCode}} {{.State.Error}}")
        == "false 0 137 the machine was rebooted")
    #expect(try files("/var/lib/cni/results") == [])
    #expect(try leases() == [])
    // And it starts again, with its port.
    try run(["start", "web"])
    #expect(try berth.fetch("http://127.0.0.1:8080/index.html") == "hello\n")
  }

  @Test("start --after-boot starts what the restart policies want, and nothing else")
  func policies() throws {
    try start("never", ["--network", "none"])
    try start("failure", ["--network", "none", "--restart", "on-failure"])
    try start("always", ["--network", "none", "--restart", "always"])
    try start("always-stopped", ["--network", "none", "--restart", "always"])
    try start("unless", ["--network", "none", "--restart", "unless-stopped"])
    try start("unless-stopped", ["--network", "none", "--restart", "unless-stopped"])
    try run(["stop", "-t", "0", "always-stopped", "unless-stopped"])
    try run(["create", "--name", "new", "--network", "none", "--restart", "always", "--rootfs", berth.rootfs, "true"])
    try reboot()
    try run(["start", "--after-boot"])
    #expect(try berth("ps", "--format", "{{.Names}}").split(separator: "\n").sorted() == ["always", "always-stopped", "unless"])
    // Nothing is left to start.
    #expect(try Command.attempt(place.prefix + berth.prefix + ["start", "--after-boot"]).text.split(separator: "\n").count == 3)
  }
}
