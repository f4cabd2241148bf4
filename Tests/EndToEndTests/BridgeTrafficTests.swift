import JSON
import TestSupport
import Testing

@Suite("bridge: what packets see", .networkNamespace)
struct BridgeTrafficTests {
  private let runner: PluginRunner
  private let container: TestNamespace
  private let lan: SecondHost

  init() throws {
    runner = try PluginRunner()
    container = try TestNamespace()
    lan = try SecondHost()
  }

  @Test(
    "with ipMasq other hosts see the host's address, without it the container's",
    arguments: [("192.0.2.2", "192.0.2.1", "10.88.0.2"), ("fd00:2::2", "fd00:2::1", "fd00:88::2")], ["nftables", "iptables", "", nil])
  func masquerade(addresses: (server: String, host: String, container: String), backend: String?) throws {
    let network =
      backend.map { BridgeNetwork.dualStack.with("ipMasqBackend", .string($0)) } ?? BridgeNetwork.dualStack.with("ipMasq", false)
    _ = try runner.add(network, in: container)
    let conversation = try Conversation(from: container, to: addresses.server, 5000, server: lan.namespace, 5000)
    #expect(conversation.client == (backend == nil ? addresses.container : addresses.host))
    try runner.expect("DEL", network, in: container)
    #expect(try !Command.run("nft list ruleset").text.contains("elements"))
  }

  @Test("containers of one network see each other's own addresses")
  func insideNetwork() throws {
    _ = try runner.add(BridgeNetwork.dualStack, in: container)
    let other = try TestNamespace()
    var second = runner
    second.containerID = "c2"
    _ = try second.add(BridgeNetwork.dualStack, in: other)
    #expect(try Conversation(from: container, to: "10.88.0.3", 5000, server: other, 5000).client == "10.88.0.2")
    #expect(try Conversation(from: container, to: "fd00:88::3", 5000, server: other, 5000).client == "fd00:88::2")
  }

  @Test("neighbours hear of a new container, in both families")
  func announcement() throws {
    _ = try runner.add(BridgeNetwork.dualStack, in: container)
    let other = try TestNamespace()
    try Command.run("tee /run/network.json", input: BridgeNetwork.dualStack.text)
    // tcpdump says on its standard error when it is ready.
    let script = """
      tcpdump -nn -i cni0 -c 40 'arp or icmp6' > /run/heard 2> /run/ready &
      listener=$!
      timeout 60 tail -f --pid=$listener /run/ready | grep -q -m 1 listening
      CNI_COMMAND=ADD CNI_CONTAINERID=c2 CNI_NETNS=\(other.path) CNI_IFNAME=eth0 CNI_PATH=\(runner.folder) \
        \(runner.folder)/bridge < /run/network.json > /dev/null
      timeout 60 sh -c 'until grep -q "advertisement, tgt is fd00:88::3" /run/heard && grep -q "10.88.0.3" /run/heard; do
        kill -0 '$listener' || break; done'
      kill $listener; wait $listener; cat /run/heard
      """
    let heard = try Command.run("sh -s", input: script.replacing("tcpdump -nn", with: "tcpdump -l -nn")).text
    #expect(heard.contains("Request who-has 10.88.0.3 tell 10.88.0.3") || heard.contains("Announcement 10.88.0.3"), "\(heard)")
    #expect(heard.contains("neighbor advertisement, tgt is fd00:88::3"), "\(heard)")
  }

  @Test("macspoofchk drops frames with another source address, and its rules go with the container")
  func spoofing() throws {
    let network = BridgeNetwork.ipv4.with("macspoofchk", true)
    _ = try runner.add(network, in: container)
    try container.run { try Command.run("ping -c 1 -W 60 10.88.0.1") }
    let rules = try Command.run("nft list table bridge nat").text
    for chain in ["PREROUTING", "cni-br-iface-c1-eth0", "cni-br-iface-c1-eth0-mac"] { #expect(rules.contains("chain \(chain) {")) }
    #expect(rules.split(separator: "\n").count { $0.contains("comment \"macspoofchk-c1-eth0\"") } == 4)
    try container.run { try Command.run("ip link set eth0 address 02:00:00:00:00:99") }
    #expect(try container.run { try Command.attempt(["ping", "-c", "1", "-W", "1", "10.88.0.1"]).status } != 0)
    try runner.expect("DEL", network, in: container)
    #expect(try !Command.run("nft list ruleset").text.contains("macspoofchk"))
  }

  @Test("the first packet of a new container is not lost", arguments: 1...10)
  func firstPacket(round: Int) throws {
    _ = try runner.add(BridgeNetwork.dualStack, in: container)
    for address in ["10.88.0.1", "fd00:88::1"] {
      // One attempt, answered in less than the second after which ARP would be repeated.
      #expect(try container.run { try Command.attempt(["ping", "-c", "1", "-W", "0.9", address]).status } == 0)
    }
  }
}
