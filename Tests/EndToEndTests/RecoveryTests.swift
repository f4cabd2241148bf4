import JSON
import Linux
import TestSupport
import Testing

/// Whole lists of plugins, called by a shell as a runtime in trouble calls them.
@Suite("recovery", .networkNamespace)
struct RecoveryTests {
  /// `attach NUMBER LIMIT` and `detach NUMBER LIMIT` call the plugins for container cNUMBER; a plugin that takes longer than LIMIT seconds is
  /// killed, and then the rest of the list is not called, as if the runtime had been killed with it.
  private static let runtime = """
    export PATH=/usr/sbin:/usr/bin:/sbin:/bin CNI_PATH=/run/plugins CNI_IFNAME=eth0
    call() {
      CNI_COMMAND=$1 CNI_CONTAINERID=c$3 CNI_NETNS=/run/netns/c$3 timeout -s KILL $4 /run/plugins/$2 2>> /run/log
    }
    configuration() { jq -c "if .runtimeConfig then .runtimeConfig.portMappings[0].hostPort = 20000 + $2 else . end" /run/$1.json; }
    attach() {
      local plugin result=null
      for plugin in bridge portmap firewall; do
        result=$(configuration $plugin $1 | jq -c --argjson result "$result" 'if $result then .prevResult = $result else . end' |
          call ADD $plugin $1 $2) || return 1
      done
      echo "$result" > /run/result$1
    }
    detach() {
      local plugin
      for plugin in firewall portmap bridge; do configuration $plugin $1 | call DEL $plugin $1 $2 || return 1; done
    }
    collect() {
      local plugin
      for plugin in bridge portmap firewall; do
        jq -c 'del(.runtimeConfig) | ."cni.dev/valid-attachments" = []' /run/$plugin.json | CNI_COMMAND=GC /run/plugins/$plugin || return 1
      done
    }

    """

  init() throws {
    _ = try PluginRunner()
    try FileSystem.createFolders("/run/netns")
    let keys: [String: JSONValue] = [
      "bridge": [
        "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
        "ipam": ["type": "host-local", "subnet": "10.88.0.0/16", "routes": [["dst": "0.0.0.0/0"]]],
      ],
      "portmap": [
        "type": "portmap", "runtimeConfig": ["portMappings": [["hostPort": 0, "containerPort": 80, "protocol": "tcp"]]],
      ],
      "firewall": ["type": "firewall", "ingressPolicy": "same-bridge"],
    ]
    for (type, keys) in keys {
      try FileSystem.create("/run/\(type).json", content: Array(keys.with("name", "net").with("cniVersion", "1.1.0").text.utf8))
    }
    // The first attachment makes what stays: the bridge, the table, the folders.
    try shell("ip link set lo up; ip netns add c0; attach 0 30 && detach 0 30; ip netns del c0; rm /run/result0")
  }

  @discardableResult
  private func shell(_ script: String) throws -> Command.Output {
    let output = try Command.attempt(["bash", "-c", RecoveryTests.runtime + script])
    guard output.status == 0 else { throw Command.Failure(description: "\(script): \(output)") }
    return output
  }

  /// How long plugins may live: half of them for as long as they want, the others from less than they need to start up to all they need.
  private static let limit = #"$([ $((RANDOM % 2)) = 0 ] && echo 30 || printf 0.%03d $((1 + RANDOM % 40)))"#

  @Test("64 ADDs and then DELs at once, with plugins killed at random, leave nothing that GC does not find")
  func killedAtRandom() throws {
    let before = try World(container: nil)
    try shell("for n in $(seq 64); do ip netns add c$n; done")
    try shell("for n in $(seq 64); do attach $n \(RecoveryTests.limit) & done; wait")
    let attached = try Command.run("ls /run").text.split(separator: "\n").filter { $0.hasPrefix("result") }
    #expect(attached.count > 8 && attached.count < 64, "\(attached.count) of 64 were not disturbed")
    let addresses = try attached.map { name in
      try JSONValue(parsing: FileSystem.read("/run/\(name)"))["ips"][0]["address"].string
    }
    #expect(Set(addresses).count == attached.count)
    try shell("for n in $(seq 64); do detach $n \(RecoveryTests.limit) & done; wait")
    try shell("collect && for n in $(seq 64); do ip netns del c$n; done")
    let changes = try World(container: nil).changes(since: before)
    #expect(changes.isEmpty, "\(changes.joined(separator: "\n"))")
  }

  @Test("64 ADDs at once give 64 addresses and ports, and 64 DELs take all of them back")
  func undisturbed() throws {
    let before = try World(container: nil)
    try shell("for n in $(seq 64); do ip netns add c$n; attach $n 60 & done; wait; ls /run/result* | wc -l")
    let elements = try Command.run("nft -j list map inet swift_cni published").json["nftables"].elements.last?["map"]["elem"].elements ?? []
    #expect(elements.count == 64)
    #expect(Set(try (1...64).map { try String(decoding: FileSystem.read("/run/result\($0)"), as: UTF8.self) }).count == 64)
    try shell("for n in $(seq 64); do detach $n 60 || echo failed & done; wait")
    try shell("for n in $(seq 64); do ip netns del c$n; done")
    let changes = try World(container: nil).changes(since: before)
    #expect(changes.isEmpty, "\(changes.joined(separator: "\n"))")
  }

  @Test("a network namespace that goes away at any moment of an ADD leaves nothing behind a DEL")
  func vanishingNamespace() throws {
    let before = try World(container: nil)
    for number in 1...24 {
      // Counting takes from one to some fifty milliseconds.
      try shell(
        "ip netns add c\(number); attach \(number) 30 & for i in $(seq \(500 * number)); do :; done; ip netns del c\(number); wait; detach \(number) 30"
      )
      let changes = try World(container: nil).changes(since: before)
      #expect(changes.isEmpty, "the \(number)th: \(changes.joined(separator: "\n"))")
    }
  }

  @Test("rules flushed while containers come do not keep the next one from working, nor those before it")
  func flushedMeanwhile() throws {
    let lan = try SecondHost()
    try shell(
      """
      for n in $(seq 8); do ip netns add c$n; done
      (for i in $(seq 60); do nft flush ruleset; done) & flusher=$!
      for n in $(seq 7); do attach $n 30 || attach $n 30 || exit; done
      wait $flusher; attach 8 30
      """)
    for number in 1...8 {
      let server = try TestNamespace(path: "/run/netns/c\(number)")
      #expect(Conversation.works(from: lan.namespace, to: "192.0.2.1", UInt16(20000 + number), server: server, 80), "container \(number)")
    }
    try shell("for n in $(seq 8); do detach $n 30 || exit; ip netns del c$n; done")
  }
}
