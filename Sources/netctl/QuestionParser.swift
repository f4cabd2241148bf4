internal import Addresses
internal import Diagnosis
internal import Inspection
internal import Routing

/// Reads the words of `why` and its like.
struct QuestionParser {
  private let host: HostView

  init(_ host: HostView) { self.host = host }

  /// `[FROM] DEST[:PORT][/PROTOCOL]`
  func question(_ words: [String]) throws -> Question {
    let (place, port, transport) = try destination(words[words.count - 1])
    let target: Question.Target, isOwn: Bool
    switch place {
    case "", "host", "lan":
      guard port != nil else { throw Problem("\(Terminal.plain(words[words.count - 1])): a port is needed, as in :8080", .usage) }
      let first = words.count == 2 ? words[0] : "lan"
      let address = first == "localhost" || first == "host" ? IPAddress("127.0.0.1") : hostAddress(beside: first)
      guard let address = address ?? IPAddress("127.0.0.1") else { throw Problem("this host has no address") }
      (target, isOwn) = (.address(address), !address.isLoopback)
    case "localhost": (target, isOwn) = (.address(IPAddress("127.0.0.1") ?? IPAddress(.v4, 0)), false)
    default:
      if let address = IPAddress(place) {
        (target, isOwn) = (.address(address), !address.isLoopback && host.host.addresses.contains { $0.address.address == address })
      } else {
        (target, isOwn) = (.namespace(try namespace(place)), false)
      }
    }
    let origin = words.count == 2 ? try self.origin(words[0]) : isOwn ? .lan : .host
    var family: IPAddress.Family?
    if case .address(let address) = origin { family = address.family }
    return Question(from: origin, to: target, port: port, transport, family: family)
  }

  private func origin(_ word: String) throws -> Question.Origin {
    switch word {
    case "lan", "LAN": return .lan
    case "host", "localhost": return .host
    default:
      if let address = IPAddress(word) { return .address(address) }
      return .namespace(try namespace(word))
    }
  }

  private func namespace(_ word: String) throws -> Int {
    let found = try ContainerSearch.namespace(word, host)
    return host.namespaces.firstIndex { $0.identity == found.identity } ?? 0
  }

  /// An address of this host that others would use.
  private func hostAddress(beside word: String) -> IPAddress? {
    let own =
      host.host.interfaces.filter { $0.kind != "bridge" && $0.isUp }.flatMap { host.host.addresses(of: $0) }
      + host.host.interfaces.flatMap { host.host.addresses(of: $0) }
    let client = IPAddress(word)
    if let client, let near = own.first(where: { $0.address.contains(client) }) { return near.address.address }
    return own.first { $0.address.family == client?.family ?? .v4 }?.address.address ?? own.first?.address.address
  }

  /// `web:80/udp`, `[fd00::2]:443`, `8080`, `192.0.2.1`
  private func destination(_ word: String) throws -> (place: String, port: UInt16?, transport: TransportProtocol) {
    var rest = word, transport = TransportProtocol.tcp
    if let slash = rest.lastIndex(of: "/"), !rest.hasPrefix("/"),
      let named = TransportProtocol(rawValue: String(rest[rest.index(after: slash)...]).lowercased())
    {
      transport = named
      rest = String(rest[..<slash])
    }
    let complain = { (text: String) in
      Problem("\(Terminal.plain(word)): port \(Terminal.plain(text)): expected a number from 1 to 65535", .usage)
    }
    let number = { (text: Substring) throws -> UInt16 in
      guard let port = UInt16(text), port > 0 else { throw complain(String(text)) }
      return port
    }
    if rest.allSatisfy(\.isNumber), !rest.isEmpty { return ("", try number(Substring(rest)), transport) }
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      let address = String(rest[rest.index(after: rest.startIndex)..<end]), tail = rest[rest.index(after: end)...]
      return (address, tail.isEmpty ? nil : try number(tail.dropFirst()), transport)
    }
    if IPAddress(rest) != nil { return (rest, nil, transport) }
    guard let colon = rest.lastIndex(of: ":") else { return (rest, nil, transport) }
    return (String(rest[..<colon]), try number(rest[rest.index(after: colon)...]), transport)
  }
}
