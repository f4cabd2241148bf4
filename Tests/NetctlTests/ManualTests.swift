import Linux
import TestSupport
import Testing

@Suite("netctl's manual and completions", .networkNamespace)
struct ManualTests {
  private let netctl: Netctl

  init() throws { netctl = try Netctl() }

  @Test("every command has a manual page that groff reads without a complaint")
  func pages() throws {
    let dump = try netctl.attempt("--experimental-dump-help")
    let manual = "\(FileSystem.folder(of: Netctl.executable))/manual"
    try #require(try Command.attempt([manual, "/run/man"], input: dump.text).status == 0)
    let names = try FileSystem.names(in: "/run/man").sorted()
    #expect(names.contains("netctl.1") && names.contains("netctl-map.1") && names.contains("netctl-cni-add.1"))
    let flush = String(decoding: try FileSystem.read("/run/man/netctl-conn-flush.1"), as: UTF8.self)
    #expect(flush.contains(".SH EXAMPLES\n.nf\nnetctl conn flush \\-\\-stale\n") && flush.contains(".B \\-\\-port PORT\n"), "\(flush)")
    guard Command.find("groff") != nil else { return print("not tested: manual pages with groff, which make setup installs") }
    for name in names {
      let check = try Command.attempt(["groff", "-man", "-Tascii", "-P-cbou", "-ww", "/run/man/\(name)"])
      #expect(check.status == 0 && check.errors == "" && check.text.contains("SYNOPSIS"), "\(name): \(check.errors)")
    }
  }

  @Test("every command has help with an example")
  func examples() throws {
    let commands = [
      ["ps"], ["map"], ["ports"], ["conn", "list"], ["conn", "flush"], ["ipam", "show"], ["ipam", "check"], ["ipam", "release"],
      ["ipam", "reserve"], ["rules"], ["doctor"], ["enter"],
    ]
    for words in commands {
      let help = try netctl.attempt(words + ["--help"])
      #expect(help.status == 0 && help.text.contains("Example"), "\(words)")
    }
  }

  @Test("completions for bash name the commands, and a shell takes them", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let script = try netctl.attempt("--generate-completion-script", shell)
    #expect(script.status == 0 && script.text.contains("map") && script.text.contains("doctor"))
    if shell == "bash" {
      try FileSystem.replace("/run/completion", content: Array(script.text.utf8))
      let check = try Command.attempt(["bash", "-c", "source /run/completion && complete -p netctl"])
      #expect(check.status == 0 && check.text.contains("netctl"), "\(check)")
    }
  }
}
