public import Addresses

/// A port of a container, as images expose it and `-p` names it: `80/tcp`.
public struct ContainerPort: Hashable, Sendable {
  /// 1…65535.
  public let number: UInt16
  /// The transport protocol.
  public let transport: TransportProtocol

  /// Joins a number and a protocol.
  public init(_ number: UInt16, _ transport: TransportProtocol = .tcp) {
    self.number = number
    self.transport = transport
  }

  /// Reads `80` or `80/tcp`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let number = UInt16(parts[0]), number > 0,
      let transport = TransportProtocol(rawValue: parts.count == 2 ? parts[1].lowercased() : "tcp")
    else { return nil }
    self.init(number, transport)
  }

  /// Reads what `--expose` and an image's `EXPOSE` say: a port, or a range `7000-7009/udp`.
  public static func exposed(_ text: String) throws(EngineError) -> [ContainerPort] {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
    guard let transport = TransportProtocol(rawValue: parts.count == 2 ? parts[1].lowercased() : "tcp"),
      let range = PortBinding.range(parts[0])
    else { throw EngineError("invalid range format for --expose: \(text): expected PORT[-PORT][/tcp|udp|sctp]") }
    return range.map { ContainerPort($0, transport) }
  }
}

extension ContainerPort: Comparable {
  /// By number, then by protocol.
  public static func < (left: ContainerPort, right: ContainerPort) -> Bool {
    (left.number, left.transport.number) < (right.number, right.transport.number)
  }
}

extension ContainerPort: CustomStringConvertible {
  /// `80/tcp`
  public var description: String { "\(number)/\(transport)" }
}
