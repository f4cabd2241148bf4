import JSON
import Linux
import TestSupport
import Testing

@Suite("netctl conn", .networkNamespace)
struct ConnTests {
  private let netctl: Netctl

  init() throws { netctl = try Netctl() }

  private func connections(_ words: String...) throws -> [JSONValue] {
    try netctl.attempt(["conn", "--json"] + words).json["connections"].elements
  }

  /// An entry as rules would have made it: conntrack(8) writes it.
  private func track(_ line: String) throws { try Command.run("conntrack -I -p udp -t 600 -u SEEN_REPLY,ASSURED \(line)") }

  @Test("a connection through a published port is shown with names and both sides of NAT")
  func published() throws {
    let name = try netctl.add("-p", "5353:53/udp")
    try Command.run("ip addr add 192.0.2.1/32 dev lo")
    try track("-s 192.0.2.9 -d 192.0.2.1 --sport 4000 --dport 5353 -r 10.88.0.2 -q 10.88.0.1 --reply-port-src 53 --reply-port-dst 4000")
    let output = try netctl.attempt("conn", "--json")
    let found = try #require(try output.json["connections"].elements.first { $0["from"]["port"] == 4000 })
    #expect(output.status == 0, "\(output)")
    #expect(found["to"] == ["address": "192.0.2.1", "port": 5353] && found["reaches"] == ["address": "10.88.0.2", "port": 53])
    #expect(found["reaches_name"] == .string(name) && found["seen_as"]["address"] == "10.88.0.1" && found["stale"] == .null)
    #expect(try connections(name).count == 1)
    #expect(try connections(name).first?["from"]["port"] == 4000)
    let text = try netctl.attempt("conn", name).text
    #expect(text.contains("192.0.2.9:4000") && text.contains("\(name) 10.88.0.2:53"), "\(text)")
  }

  @Test("entries whose container is gone, and whose port leads elsewhere by now, are stale; flush removes just them, and prints each")
  func stale() throws {
    let name = try netctl.add("-p", "5353:53/udp")
    try Command.run("ip addr add 192.0.2.1/32 dev lo")
    try track("-s 192.0.2.9 -d 192.0.2.1 --sport 4001 --dport 5353 -r 10.88.0.2 -q 192.0.2.9 --reply-port-src 53 --reply-port-dst 4001")
    try track("-s 192.0.2.9 -d 192.0.2.1 --sport 4002 --dport 5353 -r 10.88.0.99 -q 192.0.2.9 --reply-port-src 53 --reply-port-dst 4002")
    try track("-s 192.0.2.9 -d 192.0.2.1 --sport 4003 --dport 5353 -r 192.0.2.1 -q 192.0.2.9 --reply-port-src 5353 --reply-port-dst 4003")
    let output = try netctl.attempt("conn", "--stale", "--json")
    let marked = try output.json["connections"].elements.map { "\($0["from"]["port"].text) \($0["stale"].string)" }.sorted()
    #expect(
      output.status == 1
        && marked == [
          "4002 10.88.0.99 is no container's any more",
          "4003 port 5353 leads to \(name) port 53 now, this one to the host itself goes on until it is flushed",
        ], "\(output)")
    #expect(try netctl.attempt("conn", "flush", "--stale", "--dry-run").text.contains("would remove udp "))
    let flush = try netctl.attempt("conn", "flush", "--stale")
    #expect(
      flush.status == 0 && flush.text.split(separator: "\n").count == 2 && flush.text.contains("removed udp 192.0.2.9:4002"), "\(flush)")
    let left = try Command.run("conntrack -L -p udp").text
    #expect(left.contains("sport=4001") && !left.contains("sport=4002") && !left.contains("sport=4003"))
  }

  @Test("flush takes every filter at its word, and nothing without one")
  func filters() throws {
    for port in [5000, 5001] {
      try track(
        "-s 198.51.100.1 -d 198.51.100.2 --sport 4000 --dport \(port) -r 198.51.100.2 -q 198.51.100.1 --reply-port-src \(port) --reply-port-dst 4000"
      )
    }
    #expect(try netctl.attempt("conn", "flush").status == 2)
    #expect(try netctl.attempt("conn", "flush", "--protocol", "icmp").errors.contains("--protocol: expected tcp, udp or sctp, got icmp"))
    #expect(try netctl.attempt("conn", "flush", "--port", "5001", "--protocol", "tcp").text == "no such connection\n")
    let output = try netctl.attempt("conn", "flush", "--port", "5001", "--from", "198.51.100.1")
    #expect(output.text == "removed udp 198.51.100.1:4000 to 198.51.100.2:5001\n")
    let left = try Command.run("conntrack -L -p udp").text
    #expect(left.contains("dport=5000") && !left.contains("dport=5001"))
  }
}
