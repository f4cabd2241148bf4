import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl cni", .networkNamespace)
struct CNICommandTests {
  private let netctl: Netctl

  init() throws { netctl = try Netctl() }

  /// Everything but the number where the search for a free address begins, which every attempt moves on, and link-local addresses, which come to
  /// be in use in their own time.
  private func world() throws -> Set<String> {
    Set(try World(container: nil).lines.filter { !$0.contains("last_reserved_ip") && !$0.contains("fe80::") })
  }

  @Test("add makes a namespace and tells what each plugin did; del takes everything away again")
  func addAndDelete() throws {
    // What stays: the bridge, the table, the folders.
    try netctl.delete(try netctl.add("-p", "8079:80"))
    let before = try world()
    let output = try netctl.attempt("cni", "add", "lab", "-p", "8080:80", "-v")
    #expect(output.status == 0)
    #expect(try output.json["ips"][0]["address"] == "10.88.0.3/16")
    #expect(output.errors.contains("bridge ADD ") && output.errors.contains("portmap ADD ") && output.errors.contains(#""hostPort": 8080"#))
    let name = try #require(try FileSystem.names(in: "/run/netns").first)
    #expect(try Command.run("ip -n \(name) -br addr show eth0").text.contains("10.88.0.3/16"))
    #expect(try netctl.attempt("cni", "check", "lab", "--container", name).status == 0)
    try Command.run("ip -n \(name) addr flush dev eth0")
    let check = try netctl.attempt("cni", "check", "lab", "--container", name)
    #expect(check.status == 3 && check.errors.contains("bridge CHECK: error "))
    try netctl.delete(name)
    #expect(try FileSystem.names(in: "/run/netns") == [])
    let change = try world().symmetricDifference(before)
    #expect(change == [], "\(change)")
  }

  @Test("ip can remove a name of ours in /run/netns, also after it has added one of its own")
  func sharedNames() throws {
    let name = try netctl.add()
    try Command.run("ip netns add other")
    try Command.run("ip netns del \(name)")
    #expect(try FileSystem.names(in: "/run/netns") == ["other"])
    #expect(try Command.run("ip netns list").text == "other\n")
  }

  @Test("an add that fails leaves neither a namespace nor anything else")
  func failedAdd() throws {
    let name = try netctl.add("-p", "8080:80")
    let before = try world()
    let output = try netctl.attempt("cni", "add", "lab", "-p", "8080:80")
    #expect(output.status == 3 && output.errors.contains("portmap ADD: error ") && output.errors.contains(name))
    #expect(try FileSystem.names(in: "/run/netns") == [name])
    let change = try world().symmetricDifference(before)
    #expect(change == [], "\(change)")
  }

  @Test("gc keeps what has a namespace, and removes the rest")
  func collect() throws {
    let kept = try netctl.add("-p", "8080:80"), lost = try netctl.add("-p", "8081:80")
    try netctl.lose(lost)
    let output = try netctl.attempt("cni", "gc", "lab")
    #expect(output.status == 0 && output.errors.contains("keeping 1 attachment\n"))
    #expect(try FileSystem.names(in: "/var/lib/cni/results") == ["lab-\(kept)-eth0"])
    #expect(try Command.run("nft list map inet swift_cni published").text.contains(" . 8080 "))
    #expect(try !Command.run("nft list map inet swift_cni published").text.contains(" . 8081 "))
  }

  @Test("status and version say what cannot work")
  func status() throws {
    #expect(try netctl.attempt("cni", "status", "lab").status == 0)
    #expect(try netctl.attempt("cni", "version", "lab").status == 0)
    let output = try netctl.attempt("cni", "version", "lab", "--path", "/run/nothing")
    #expect(output.status == 1 && output.text.contains("failed to find plugin"))
    let unknown = try netctl.attempt("cni", "status", "lob")
    #expect(unknown.status == 2 && unknown.errors.contains("no network is called lob in /run/conf (did you mean lab?)"))
  }

  @Test(
    "what the command line says wrong is named",
    arguments: [
      (["cni", "add", "lab", "-p", "80"], "--publish: expected [ip:]host:container[/protocol], got 80"),
      (["cni", "add", "lab", "--arg", "x"], "--arg: expected name=value, got x"),
      (["cni", "add", "lab", "--capability", "x=["], "--capability x: expected JSON, got [: "),
      (["cni", "del", "lab"], "--container is needed"), (["cni", "gc", "lab", "--keep", "x"], "--keep: expected container/ifname, got x"),
      (["ps", "--netns", "nowhere"], "--netns nowhere: open /run/netns/nowhere: No such file or directory"),
    ])
  func mistakes(words: [String], message: String) throws {
    let output = try netctl.attempt(words)
    #expect(output.status == 2 && output.errors.contains(message), "\(output)")
  }
}
