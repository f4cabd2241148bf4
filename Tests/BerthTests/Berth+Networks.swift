import JSON
import Linux
import TestSupport

extension Berth {
  /// Starts busybox's web server with one page, `hello`, and answers when it answers; its first IPv4 address.
  @discardableResult
  func web(_ name: String, _ options: [String] = [], port: Int = 80) throws -> String {
    try run(["run", "-d", "--name", name] + options + ["--rootfs", rootfs, "httpd", "-f", "-p", "\(port)", "-h", "/www"])
    let address = try address(name)
    // The host reaches every container.
    _ = try fetch("http://\(address):\(port)/")
    return address
  }

  /// The IPv4 address on a network, the first one if none is named.
  func address(_ name: String, on network: String? = nil) throws -> String {
    let settings = try JSONValue.parse(self("inspect", name))[0]["NetworkSettings"]
    return (network.map { settings["Networks"][$0] } ?? settings)["IPAddress"].string
  }

  /// What a container's hosts file says, as the container sees it.
  func hosts(_ name: String) throws -> String { try self("exec", name, "cat", "/etc/hosts") + "\n" }

  /// Whether a container gets the page from somebody who answers others.
  func reaches(_ name: String, _ url: String) throws -> Bool {
    try attempt("exec", name, "busybox", "timeout", "3", "wget", "-q", "-O", "-", url).text == "hello\n"
  }

  /// The supervisor's process, and the container's first one.
  func processes(_ name: String) throws -> (supervisor: Int32, first: Int32) {
    let first = try inspect(name, "{{.State.Pid}}")
    let parent = try Command.run("ps -o ppid= -p \(first)").text.filter { $0 != " " && $0 != "\n" }
    guard let supervisor = Int32(parent), let pid = Int32(first) else { throw Command.Failure(description: "\(name): \(first) \(parent)") }
    return (supervisor, pid)
  }

  /// Runs a program in a container's network namespace.
  func inside(_ name: String, _ line: String) throws -> Command.Output {
    try Command.run("nsenter -t \(processes(name).first) -n \(line)")
  }

  /// Runs a shell line in which `berth` is this executable with its places.
  func onHost(_ line: String) throws -> Command.Output {
    let words = prefix.map { "'\($0)'" }.joined(separator: " ")
    return try Command.attempt(["sh", "-c", "berth() { \(words) \"$@\"; }; rootfs=\(rootfs); \(line)"])
  }

  /// What networks leave behind: links, elements of rules, leases, records of attachments, members.
  func networkWorld() throws -> [String] {
    let links = try Command.run("ip -br link").text.split(separator: "\n").map { String($0.prefix { $0 != " " && $0 != "@" }) }
    let elements = try Command.attempt(["nft", "list", "table", "inet", "swift_cni"]).text.split(separator: "\n").filter {
      $0.contains("comment") && $0.contains("/")
    }
    let leases = try Command.attempt(["find", "/var/lib/cni", "/run/berth/networks", "/run/berth/links", "-type", "f"]).text
      .split(separator: "\n").filter { !$0.contains("last_reserved_ip") && !$0.hasSuffix("/lock") }
    return links.sorted() + elements.map { String($0) }.sorted() + leases.map { String($0) }.sorted()
  }
}
