import Addresses

/// What one attachment wants of the host's rules in one respect, as it is kept in a file until DEL: enough to put everything back.
struct Record: Hashable {
  let owner: Owner
  let concern: Concern
  /// The network namespace whose rules are meant, by the number that the kernel gave it.
  let namespace: UInt64
  /// Attachments of the same container that want ports which this one holds, the next holder first.
  var successors: [Owner] = []

  /// The file's text: a line with what it is, the owner, then one line a thing.
  var text: String {
    var lines = ["swift-cni 1 \(namespace)", "owner \(owner.network) \(owner.containerID) \(owner.interfaceName)", concern.kind.rawValue]
    switch concern {
    case .masquerade(let addresses): lines += addresses.map { "address \($0)" }
    case .publication(let publication):
      lines.append("source \(publication.sourceTranslation.rawValue)")
      lines += publication.containers.map { "container \($0)" }
      lines += publication.conditions.map { "condition \($0.family == .v4 ? 4 : 6) \($0.text)" }
      lines += publication.ports.map {
        "port \($0.transport.rawValue) \($0.hostAddress?.description ?? "any") \($0.hostPorts.lowerBound) \($0.hostPorts.upperBound) \($0.containerPort)"
          + ($0.sources.isEmpty ? "" : " \($0.sources.map(\.description).joined(separator: ","))")
      }
    case .isolation(let isolation): lines.append("bridge \(isolation.bridge) \(isolation.policy.rawValue)")
    case .links(let links):
      lines += links.addresses.map { "address \($0)" }
      lines += links.ports.map { "port \($0.containerID) \($0.transport.rawValue) \($0.number)" }
    case .spoofCheck(let check): lines.append("link \(check.port) \(check.address)")
    }
    lines += successors.map { "successor \($0.network) \($0.containerID) \($0.interfaceName)" }
    return lines.joined(separator: "\n") + "\n"
  }

  init(_ owner: Owner, _ concern: Concern, namespace: UInt64) {
    self.owner = owner
    self.concern = concern
    self.namespace = namespace
  }

  /// Reads a file's text; nil if it is damaged or of another version.
  init?(text: String) {
    let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    guard text.utf8.last == UInt8(ascii: "\n"), lines.count >= 3, lines[0].count == 3, lines[0][...1] == ["swift-cni", "1"],
      let namespace = UInt64(lines[0][2]), lines[1].count == 4, lines[1][0] == "owner", lines[2].count == 1,
      let kind = Concern.Kind(rawValue: lines[2][0]),
      let concern = Concern(kind, lines: lines[3...].filter { $0.first != "successor" })
    else { return nil }
    successors = lines[3...].filter { $0.count == 4 && $0[0] == "successor" }
      .map { Owner(network: $0[1], containerID: $0[2], interfaceName: $0[3]) }
    owner = Owner(network: lines[1][1], containerID: lines[1][2], interfaceName: lines[1][3])
    self.concern = concern
    self.namespace = namespace
  }
}

extension Concern {
  fileprivate init?(_ kind: Kind, lines: [[String]]) {
    switch kind {
    case .masquerade:
      let addresses = lines.compactMap { $0.count == 2 && $0[0] == "address" ? Subnet($0[1]) : nil }
      guard addresses.count == lines.count else { return nil }
      self = .masquerade(addresses)
    case .publication:
      guard let source = lines.first, source.count == 2, let translation = Publication.SourceTranslation(rawValue: source[1]) else {
        return nil
      }
      let containers = lines.compactMap { $0.count == 2 && $0[0] == "container" ? Subnet($0[1]) : nil }
      let ports = lines.compactMap { (6...7).contains($0.count) && $0[0] == "port" ? PublishedPort(words: $0) : nil }
      let conditions = lines.compactMap { $0.count > 2 && $0[0] == "condition" ? Condition(words: $0) : nil }
      guard 1 + containers.count + ports.count + conditions.count == lines.count else { return nil }
      self = .publication(
        Publication(containers: containers, ports: ports, sourceTranslation: translation, conditions: conditions))
    case .isolation:
      guard lines.count == 1, lines[0].count == 3, let policy = Isolation.Policy(rawValue: lines[0][2]) else { return nil }
      self = .isolation(Isolation(policy, bridge: lines[0][1]))
    case .links:
      let addresses = lines.compactMap { $0.count == 2 && $0[0] == "address" ? IPAddress($0[1]) : nil }
      let ports = lines.compactMap { $0.count == 4 && $0[0] == "port" ? Links.Port(words: $0) : nil }
      guard addresses.count + ports.count == lines.count else { return nil }
      self = .links(Links(addresses: addresses, ports: ports))
    case .spoofCheck:
      guard lines.count == 1, lines[0].count == 3, let address = MACAddress(lines[0][2]) else { return nil }
      self = .spoofCheck(SpoofCheck(port: lines[0][1], address: address))
    }
  }
}

extension PublishedPort {
  fileprivate init?(words: [String]) {
    let address = words[2] == "any" ? nil : IPAddress(words[2])
    guard let transport = TransportProtocol(rawValue: words[1]), words[2] == "any" || address != nil, let low = UInt16(words[3]),
      let high = UInt16(words[4]), low <= high, let target = UInt16(words[5])
    else { return nil }
    let sources = words.count == 7 ? words[6].split(separator: ",") : [], networks = sources.compactMap { Subnet($0) }
    guard networks.count == sources.count else { return nil }
    self.init(transport, hostAddress: address, hostPorts: low...high, containerPort: target, sources: networks)
  }
}

extension Links.Port {
  fileprivate init?(words: [String]) {
    guard let transport = TransportProtocol(rawValue: words[2]), let number = UInt16(words[3]), number > 0 else { return nil }
    self.init(containerID: words[1], transport, number)
  }
}

extension Condition {
  fileprivate init?(words: [String]) {
    guard words[1] == "4" || words[1] == "6" else { return nil }
    do throws(ConditionError) {
      try self.init(words[1] == "4" ? .v4 : .v6, words[2...].joined(separator: " "))
    } catch { return nil }
  }
}
