import Glibc
import JSON
import Linux
import TestSupport

/// A host with a LAN, a client on it, and two containers: `web` serves on tcp 80 and udp 53, and is published on 8080 and 5353; `db` serves on
/// tcp 5432. The client's namespace has a name, `client`, so that netctl can try from there.
final class WhyWorld {
  let netctl: Netctl
  let lan: SecondHost
  /// The processes that serve.
  private(set) var servers: [Int32] = []

  init(publishing ports: [String] = ["8080:80", "5353:53/udp"], ingress: String = "open", serving: Bool = true) throws {
    netctl = try Netctl()
    lan = try SecondHost()
    let network: JSONValue = [
      "cniVersion": "1.1.0", "name": "lab",
      "plugins": [
        [
          "type": "bridge", "bridge": "cni0", "isDefaultGateway": true, "ipMasq": true, "hairpinMode": true,
          "ipam": ["type": "host-local", "ranges": [[["subnet": "10.88.0.0/16"]], [["subnet": "fd00:88::/64"]]]],
        ],
        ["type": "portmap", "capabilities": ["portMappings": true]], ["type": "firewall", "ingressPolicy": .string(ingress)],
      ],
    ]
    try FileSystem.replace("/run/conf/10-lab.conflist", content: Array(network.indented().utf8))
    for name in ["web", "db"] {
      try Command.run("ip netns add \(name)")
      try Command.run("ip -n \(name) link set lo up")
    }
    try FileSystem.create("/run/netns/client", content: [])
    try Command.run("mount --bind \(lan.namespace.path) /run/netns/client")
    try attach("web", ports.flatMap { ["-p", $0] })
    try attach("db")
    if serving { try serve("web", "TCP-LISTEN:80") }
    try serve("web", "UDP-LISTEN:53")
    try serve("db", "TCP-LISTEN:5432")
  }

  deinit { for server in servers { kill(-server, SIGKILL) } }

  /// Attaches a namespace to the network.
  func attach(_ name: String, _ options: [String] = []) throws {
    let output = try netctl.attempt(["cni", "add", "lab", "--container", name, "--netns", name] + options)
    guard output.status == 0 else { throw Command.Failure(description: "cni add: \(output)") }
  }

  /// Has a server answer what it is sent, in a container or, for the empty name, on the host; back when it listens.
  @discardableResult
  func serve(_ name: String, _ address: String, _ program: String = "cat") throws -> Int32 {
    let family = address.contains("[") || address.contains("TCP6") ? "" : ",pf=ip4"
    // A group of its own: what socat starts for each client ends with it.
    let line = "setsid socat \(address),fork,reuseaddr\(family) EXEC:\(program) > /dev/null 2>&1 & echo $!"
    let inside = name.isEmpty ? [] : ["ip", "netns", "exec", name]
    let output = try Command.attempt(inside + ["sh", "-c", line])
    guard let process = Int32(output.text.split(separator: "\n").first ?? "") else {
      throw Command.Failure(description: "socat: \(output)")
    }
    servers.append(process)
    let port = address.split(separator: ":")[1].prefix { $0.isNumber }, list = address.hasPrefix("UDP") ? "-Huln" : "-Htln"
    while try !Command.attempt(inside + ["ss", list]).text.contains(":\(port) ") {
      guard kill(process, 0) == 0 else { throw Command.Failure(description: "socat \(address) has ended") }
    }
    return process
  }

  /// Ends a server.
  func end(_ process: Int32) {
    kill(-process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
  }

  /// The host's end of a container's cable.
  func port(of name: String) throws -> String {
    let index = try Command.run("ip -j -n \(name) link show eth0").json[0]["link_index"].integer
    let links = try Command.run("ip -j link").json.elements
    return try links.first { $0["ifindex"].integer == index }?["ifname"].string
      ?? { throw Command.Failure(description: "no port of \(name)") }()
  }

  /// What `why --json` says.
  func why(_ words: String) throws -> (status: Int32, report: JSONValue) {
    let output = try netctl.attempt(["why", "--json"] + words.split(separator: " ").map(String.init))
    guard output.status == 0 || output.status == 1 || output.status == 3 else {
      throw Command.Failure(description: "why \(words): \(output)")
    }
    return (output.status, try output.json)
  }

  /// Carries out a fix as a person would, in a shell.
  func apply(_ fix: String) throws {
    // Behind the others: in a release's folder `bridge` is a plugin.
    let path = "/usr/sbin:/usr/bin:/sbin:/bin:\(FileSystem.folder(of: Netctl.executable))"
    let output = try Command.attempt(
      ["env", "PATH=\(path)", "CNI_PATH=/run/plugins", "NETCONFPATH=/run/conf", "sh", "-c", fix])
    guard output.status == 0 else { throw Command.Failure(description: "\(fix): \(output)") }
  }

  /// Whether a server answers, asked with socat from the LAN or from a container.
  func answers(from name: String? = nil, _ address: String, _ patience: Patience) throws -> Bool {
    let seconds = patience == .forAnswer ? 60 : 1
    let ask = ["sh", "-c", "echo ask | timeout \(seconds) socat -t \(seconds) - \(address),readbytes=3"]
    let output = try name.map { try Command.attempt(["ip", "netns", "exec", $0] + ask) } ?? lan.namespace.run { try Command.attempt(ask) }
    return output.text == "ask"
  }
}
