import Glibc
import Linux
import TestSupport
import Testing

/// Whether this user namespace has ordinary users, as the machine's own has.
let hasOrdinaryUsers =
  (try? FileSystem.read("/proc/self/uid_map")).map { !String(decoding: $0, as: UTF8.self).hasSuffix(" 1\n") } ?? false

@Suite("berth as an ordinary user", .networkNamespace, .enabled(if: hasOrdinaryUsers))
struct RootlessTests {
  /// A user who owns a folder with berth, the plugins and a root file system.
  private final class OrdinaryUser {
    let folder: String
    var rootfs: String { "\(folder)/rootfs" }
    private let words: [String]

    init() throws {
      var template = Array("/tmp/berth-user-XXXXXX".utf8CString)
      guard mkdtemp(&template) != nil else { throw SystemError(.last, "create a user's folder") }
      folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let berth = try Berth(rootfs: "\(folder)/rootfs")
      words = [
        "setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", "env", "-i", "HOME=\(folder)",
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
      ]
      // Where the build is, an ordinary user may not look.
      try Command.run("cp --dereference \(Berth.executable) \(folder)/berth")
      try FileSystem.createFolders("\(folder)/cni")
      for name in ["bridge", "firewall", "host-local", "loopback", "portmap", "tuning"] {
        if name == "bridge" {
          try Command.run("cp --dereference \(PluginRunner.executable) \(folder)/cni/bridge")
        } else {
          try Command.run("ln \(folder)/cni/bridge \(folder)/cni/\(name)")
        }
      }
      try Command.run("chown -R 12345:12345 \(folder)")
      // The test's own are everybody's.
      try Command.run("chmod 755 /run /var/lib")
      _ = berth
    }

    deinit {
      for id in (try? berth("ps", "-aq").text.split(separator: "\n")) ?? [] { _ = try? berth("rm", "-f", String(id)) }
      _ = try? Command.run("rm -rf \(folder)")
    }

    /// Runs berth as the user.
    func berth(_ arguments: String...) throws -> Command.Output { try Command.attempt(words + ["\(folder)/berth"] + arguments) }

    /// Runs a shell in a container.
    func shell(_ options: [String], _ line: String) throws -> Command.Output {
      try Command.attempt(words + ["\(folder)/berth", "run", "--rm"] + options + ["--rootfs", rootfs, "sh", "-c", line])
    }

    /// Runs a script as root of a user, network and mount namespace of the user's own, with a /run and a /var/lib of its own.
    func script(_ lines: String) throws -> Command.Output {
      let script = """
        set -e
        mount -t tmpfs none /run; mount -t tmpfs none /var/lib
        ip link set lo up; ip address add 192.0.2.1/32 dev lo
        alias berth='\(folder)/berth --cni-path \(folder)/cni --cni-conf /run/conf'
        \(lines)
        """
      return try Command.attempt(words + ["unshare", "--map-root-user", "--net", "--mount", "sh", "-c", script])
    }
  }

  @Test("--network none: a network with nothing but a loopback interface that is up; the user's files are root's inside")
  func none() throws {
    let user = try OrdinaryUser()
    let output = try user.shell(
      ["--network", "none"], "id -u; ls /sys/class/net; busybox ping -c 1 127.0.0.1 >/dev/null && echo up; touch /made")
    #expect(output.text == "0\nlo\nup\n", "\(output)")
    var status = stat()
    #expect(stat("\(user.rootfs)/made", &status) == 0 && status.st_uid == 12345)
  }

  @Test("--network host: the host's interfaces, but no power over them")
  func host() throws {
    let user = try OrdinaryUser()
    try Command.run("ip link add br9 type bridge")
    let output = try user.shell(["--network", "host"], "ls -d /sys/class/net/br9; busybox ip link set br9 up 2>&1")
    #expect(output.text.hasPrefix("/sys/class/net/br9\n") && output.text.contains("Operation not permitted"), "\(output)")
  }

  @Test("a container lives as any other does: exec, logs, stop, start, rm")
  func life() throws {
    let user = try OrdinaryUser()
    let run = try user.berth(
      "run", "-d", "--name", "lasting", "--init", "--network", "none", "--rootfs", user.rootfs, "sh", "-c",
      "echo hello; trap 'exit 3' TERM; sleep 1000 & wait")
    #expect(run.status == 0, "\(run)")
    let id = try user.berth("exec", "lasting", "id", "-u")
    #expect(id.text == "0\n", "\(id)")
    #expect(try user.berth("stop", "lasting").status == 0)
    #expect(try user.berth("logs", "lasting").text == "hello\n")
    #expect(try user.berth("inspect", "--format", "{{.State.ExitCode}}", "lasting").text == "3\n")
    #expect(try user.berth("start", "lasting").status == 0)
    #expect(try user.berth("rm", "-f", "lasting").status == 0)
    #expect(try FileSystem.names(in: "\(user.folder)/.local/share/berth/containers").isEmpty)
  }

  @Test(
    "what an ordinary user cannot have says why in one sentence",
    arguments: [
      ([], "an ordinary user cannot connect containers to networks: use --network none or host"),
      (["--network", "none", "-m", "64m"], "cannot limit memory to 67108864 bytes"),
      (["--network", "none", "-u", "web"], "become the user web: the container's user namespace has no such user or group"),
      (["--network", "none", "--userns", "host"], "--userns host: the containers of an ordinary user need a user namespace of their own"),
    ] as [([String], String)])
  func refusals(options: [String], sentence: String) throws {
    let output = try OrdinaryUser().shell(options, "true")
    #expect(output.status == 125 && output.errors.contains(sentence), "\(output)")
    #expect(output.errors.split(separator: "\n").count == 1)
  }

  @Test("in a user and network namespace of his own he has all plugins: networks, published ports, names")
  func plugins() throws {
    let user = try OrdinaryUser()
    let output = try user.script(
      """
      berth network create shared
      berth run -d --name web --network shared -p 8080:80 --rootfs \(user.rootfs) httpd -f -h /www
      curl --silent --show-error --max-time 30 --retry 100 --retry-connrefused --retry-delay 0 http://192.0.2.1:8080/
      berth run --rm --network shared --rootfs \(user.rootfs) sh -c 'busybox wget -q -O - http://web/'
      berth exec web id -u
      berth rm -f web
      berth network rm shared
      """)
    let lines = output.text.split(separator: "\n").filter { $0.utf8.count < 60 }
    #expect(lines == ["hello", "hello", "0", "web", "shared"], "\(output)")
  }
}
