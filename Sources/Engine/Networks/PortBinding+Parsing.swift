internal import Addresses

extension PortBinding {
  /// Reads what `-p` says: `[address:][host[-last]:]container[-last][/protocol]`; one binding for each port of the container.
  ///
  /// A range of the host for a single port of the container stands for one free port in it; two ranges have to be of one length.
  public static func parse(_ text: String) throws(EngineError) -> [PortBinding] {
    let (ports, transport) = try splitProtocol(text)
    let (address, host, container) = try splitParts(ports, of: text)
    guard !container.isEmpty else { throw EngineError("no port specified: \(text)<empty>") }
    guard let containerPorts = range(container) else { throw EngineError("invalid containerPort: \(container)") }
    if host.isEmpty {
      return containerPorts.map { PortBinding(hostAddress: address, hostPorts: 0...0, containerPort: ContainerPort($0, transport)) }
    }
    guard let hostPorts = host == "0" ? 0...0 : range(host) else { throw EngineError("invalid hostPort: \(host)") }
    if containerPorts.count == 1 {
      return [PortBinding(hostAddress: address, hostPorts: hostPorts, containerPort: ContainerPort(containerPorts.lowerBound, transport))]
    }
    guard hostPorts.count == containerPorts.count else {
      throw EngineError("invalid ranges specified for container and host Ports: \(container) and \(host)")
    }
    return zip(hostPorts, containerPorts).map {
      PortBinding(hostAddress: address, hostPorts: $0...$0, containerPort: ContainerPort($1, transport))
    }
  }

  /// Reads `80` or `80-89`; nil for anything else, and for port 0.
  static func range(_ text: String) -> ClosedRange<UInt16>? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let first = port(parts[0]), let last = port(parts[parts.count - 1]), first <= last else {
      return nil
    }
    return first...last
  }

  /// Digits only: `UInt16` itself takes a sign.
  private static func port(_ text: Substring) -> UInt16? {
    guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt16(text), number > 0 else { return nil }
    return number
  }

  private static func splitProtocol(_ text: String) throws(EngineError) -> (ports: Substring, TransportProtocol) {
    guard let slash = text.lastIndex(of: "/") else { return (text[...], .tcp) }
    let name = text[text.index(after: slash)...]
    guard let transport = TransportProtocol(rawValue: name.lowercased()) else { throw EngineError("invalid proto: \(name)") }
    return (text[..<slash], transport)
  }

  private static func splitParts(
    _ ports: Substring, of text: String
  ) throws(EngineError) -> (address: IPAddress?, host: String, container: String) {
    if ports.first == "[" {
      guard let end = ports.firstIndex(of: "]"), ports[ports.index(after: end)...].first == ":" else {
        throw EngineError("invalid ip address: \(text): expected [ADDRESS]:[HOSTPORT]:PORT")
      }
      let parts = ports[ports.index(end, offsetBy: 2)...].split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
      guard parts.count == 2 else { throw EngineError("invalid port specification: \(text): expected [ADDRESS]:[HOSTPORT]:PORT") }
      return (try address(ports[ports.index(after: ports.startIndex)..<end]), parts[0], parts[1])
    }
    let parts = ports.split(separator: ":", omittingEmptySubsequences: false).map { String($0) }
    switch parts.count {
    case 1: return (nil, "", parts[0])
    case 2: return (nil, parts[0], parts[1])
    case 3: return (parts[0].isEmpty ? nil : try address(parts[0][...]), parts[1], parts[2])
    default:
      // An IPv6 address without brackets, as docker takes it, too.
      return (try address(Substring(parts.dropLast(2).joined(separator: ":"))), parts[parts.count - 2], parts[parts.count - 1])
    }
  }

  private static func address(_ text: Substring) throws(EngineError) -> IPAddress {
    guard let address = IPAddress(text) else { throw EngineError("invalid IP address: \(text)") }
    return address
  }
}
