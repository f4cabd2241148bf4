internal import Addresses
internal import HostRules
internal import Reconciliation

/// How ports are written on the command line.
enum PortWords {
  /// `8080:80`, `127.0.0.1:8080:80/udp`, `[::1]:8080:80`, `5000-5009:5000-5009/tcp`
  static func published(_ word: String, from sources: [Subnet]) throws -> PublishedPort {
    let (parts, address, transport) = try split(word)
    if parts.count == 2, let wrong = parts.first(where: { range($0) == nil }) { throw PortWords.problem(word, wrong) }
    guard parts.count == 2, let outside = range(parts[0]), let inside = range(parts[1]), outside.count == inside.count,
      let port = PublishedPort(transport, hostAddress: address, hostPorts: outside, containerPort: inside.lowerBound, sources: sources)
    else {
      throw Problem("expected [address:]host-port:container-port[/protocol], got \(Terminal.plain(word))", .usage)
    }
    return port
  }

  /// `8080`, `8080/udp`, `127.0.0.1:8080`, and what was given to publish.
  static func selection(_ word: String) throws -> PortSelection {
    let (parts, address, transport) = try split(word)
    if (1...2).contains(parts.count), let wrong = parts.first(where: { range($0) == nil }) { throw PortWords.problem(word, wrong) }
    guard (1...2).contains(parts.count), let outside = range(parts[0]) else {
      throw Problem("expected [address:]host-port[:container-port][/protocol], got \(Terminal.plain(word))", .usage)
    }
    let inside = parts.count == 2 ? range(parts[1]) : nil
    if parts.count == 2 && inside?.count != outside.count {
      throw Problem("expected as many container ports as host ports, got \(Terminal.plain(word))", .usage)
    }
    return PortSelection(transport, at: address, outside, containerPort: inside?.lowerBound)
  }

  /// `192.0.2.0/24`, or an address alone.
  static func source(_ word: String) throws -> Subnet {
    if let network = Subnet(word) { return network.network }
    guard let address = IPAddress(word) else {
      throw Problem("--from: expected an address or a network (192.0.2.0/24), got \(Terminal.plain(word))", .usage)
    }
    return Subnet(host: address)
  }

  private static func problem(_ word: String, _ port: String) -> Problem {
    Problem(
      "\(Terminal.plain(word)): port \(Terminal.plain(port)): expected a number from 1 to 65535, or a range such as 5000-5009", .usage)
  }

  /// The ports, the host's address and the protocol.
  private static func split(_ word: String) throws -> (ports: [String], address: IPAddress?, TransportProtocol) {
    let halves = word.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    let name = halves.count == 2 ? halves[1].lowercased() : "tcp"
    guard halves.count <= 2, let transport = TransportProtocol(rawValue: name) else {
      throw Problem("expected tcp, udp or sctp after /, got \(Terminal.plain(word))", .usage)
    }
    var rest = halves[0][...], address: IPAddress?
    if rest.first == "[", let end = rest.firstIndex(of: "]") {
      address = IPAddress(String(rest[rest.index(after: rest.startIndex)..<end]))
      rest = rest[rest.index(after: end)...].drop { $0 == ":" }
      guard address != nil else { throw Problem("expected an IPv6 address in brackets, got \(Terminal.plain(word))", .usage) }
    }
    var parts = rest.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    if address == nil, parts.count > 1, parts[0].contains(".") {
      address = IPAddress(parts.removeFirst())
      guard address != nil else { throw Problem("expected an IPv4 address before the ports, got \(Terminal.plain(word))", .usage) }
    }
    return (parts, address, transport)
  }

  private static func range(_ text: String) -> ClosedRange<UInt16>? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
    guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1], first > 0, first <= last else { return nil }
    return first...last
  }
}
