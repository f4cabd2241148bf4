import Addresses
import HostRules
import TestSupport

/// Attachments and their wishes, for the tests of this folder.
enum Examples {
  /// An attachment of network `net`.
  static func owner(_ containerID: String, network: String = "net", interface: String = "eth0") -> Owner {
    Owner(network: network, containerID: containerID, interfaceName: interface)
  }

  /// Subnets, written as text.
  static func subnets(_ texts: String...) -> [Subnet] { texts.compactMap { Subnet($0) } }

  /// A published port, written as text: `tcp 8080 80`, `udp 127.0.0.1 5000-5009 5000`.
  static func port(_ text: String) -> PublishedPort {
    let words = text.split(separator: " ").map(String.init)
    let numbers = words[words.count - 2].split(separator: "-").compactMap { UInt16($0) }
    guard let transport = TransportProtocol(rawValue: words[0]), let target = UInt16(words[words.count - 1]), let first = numbers.first,
      let last = numbers.last,
      let port = PublishedPort(
        transport, hostAddress: words.count == 4 ? IPAddress(words[1]) : nil, hostPorts: first...last, containerPort: target)
    else { fatalError("not a published port: \(text)") }
    return port
  }

  /// Published ports of a container with these addresses.
  static func publication(
    _ ports: [String], at addresses: [Subnet], source: Publication.SourceTranslation = .hairpin
  ) -> Concern {
    .publication(Publication(containers: addresses, ports: ports.map(port), sourceTranslation: source))
  }

  /// The elements of a set of our table, as nft(8) prints them, without counters and layout.
  static func elements(_ set: String) throws -> String {
    var output = try Command.attempt(["nft", "list", "map", "inet", "swift_cni", set])
    if output.status != 0 { output = try Command.attempt(["nft", "list", "set", "inet", "swift_cni", set]) }
    guard let found = output.text.firstMatch(of: /elements = \{([^}]*)\}/) else { return "" }
    return found.1.split(whereSeparator: \.isWhitespace).joined(separator: " ").replacing(#/counter packets \d+ bytes \d+ /#, with: "")
  }
}
