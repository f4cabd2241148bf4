import Linux
import TestSupport
import Testing

@Suite("netctl trace", .networkNamespace)
struct TraceTests {
  /// Traces while the client asks; the exit status is the last line.
  private func trace(_ world: WhyWorld, _ words: String, signal: String = "") throws -> String {
    let script = """
      netctl trace \(words) > /run/trace.out 2> /run/trace.err & p=$!
      until grep -q ^tracing /run/trace.err; do kill -0 $p || break; done
      echo ask | ip netns exec client timeout 60 socat -t 1 - TCP:192.0.2.1:8080,connect-timeout=1 > /dev/null 2>&1
      \(signal)
      wait $p; echo "status $?" >> /run/trace.out; cat /run/trace.out /run/trace.err
      """
    let path = "\(FileSystem.folder(of: Netctl.executable)):/usr/sbin:/usr/bin:/sbin:/bin"
    return try Command.attempt(["env", "PATH=\(path)", "sh", "-c", script]).text
  }

  @Test("shows every rule that a packet meets, with names, its translation, and the connection")
  func accepted() throws {
    let world = try WhyWorld()
    try Command.run("iptables-nft -A FORWARD -p tcp --dport 80 -j ACCEPT")
    let text = try trace(world, "lan web:80 --once --for 60s")
    #expect(text.contains("status 0"), "\(text)")
    #expect(text.contains("client 192.0.2.2:") && text.contains("→ host 192.0.2.1:8080 (in lan0)"), "\(text)")
    #expect(text.contains("→ web 10.88.0.2:80 (in lan0, out cni0)"), "\(text)")
    #expect(text.contains("ip filter FORWARD  forward  tcp dport 80 accept"), "\(text)")
    #expect(text.contains("answered by web 10.88.0.2:80"), "\(text)")
    #expect(try !Command.run("nft list tables").text.contains("netctl_trace"))
  }

  @Test("a packet that is dropped is a finding")
  func dropped() throws {
    let world = try WhyWorld()
    try Command.run("iptables-nft -P FORWARD DROP")
    let text = try trace(world, "lan web:80 --once --for 60s")
    #expect(text.contains("status 1") && text.contains("ip filter FORWARD  forward  policy drop"), "\(text)")
  }

  @Test("nothing stays behind, whatever ends it", arguments: ["TERM", "KILL"])
  func ended(_ signal: String) throws {
    let world = try WhyWorld()
    let text = try trace(world, "lan web:80 --for 10m", signal: "nft list tables | grep netctl_trace >> /run/trace.err; kill -\(signal) $p")
    #expect(text.contains("table inet netctl_trace_"), "\(text)")
    #expect(text.contains(signal == "KILL" ? "status 137" : "status 0"), "\(text)")
    #expect(try !Command.run("nft list tables").text.contains("netctl_trace"))
  }
}
