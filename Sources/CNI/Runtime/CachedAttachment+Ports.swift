internal import JSON

extension CachedAttachment {
  /// A published port as runtimes ask for it: an entry of the capability `portMappings`.
  public struct PortMapping: Hashable, Sendable {
    /// The host's port.
    public let hostPort: UInt16
    /// The container's port.
    public let containerPort: UInt16
    /// `tcp`, `udp` or `sctp`.
    public let transport: String
    /// The host's address; empty for all.
    public let hostAddress: String

    /// Describes a mapping.
    public init(hostPort: UInt16, containerPort: UInt16, transport: String, hostAddress: String) {
      self.hostPort = hostPort
      self.containerPort = containerPort
      self.transport = transport
      self.hostAddress = hostAddress
    }
  }

  /// The same entry with other published ports, so that CHECK, and whoever attaches the container again with what is on record, asks for those.
  /// Mappings for which `isGone` answers true are left out.
  public func changingPorts(without isGone: (PortMapping) -> Bool, adding mappings: [PortMapping]) -> CachedAttachment {
    var kept: [JSONValue] = []
    if case .array(let values)? = request.capabilityValues["portMappings"] {
      kept = values.filter { value in
        guard case .object(let object) = value, let mapping = PortMapping(object) else { return true }
        return !isGone(mapping)
      }
    }
    kept += mappings.map { mapping in
      [
        "hostPort": .integer(Int64(mapping.hostPort)), "containerPort": .integer(Int64(mapping.containerPort)),
        "protocol": .string(mapping.transport), "hostIP": .string(mapping.hostAddress),
      ]
    }
    var request = request
    request.capabilityValues["portMappings"] = kept.isEmpty ? nil : .array(kept)
    var entry = CachedAttachment(network: network, request: request, configuration: configuration)
    entry.result = result
    return entry
  }
}

extension CachedAttachment.PortMapping {
  fileprivate init?(_ object: JSONObject) {
    guard case .integer(let host)? = object["hostPort"], case .integer(let container)? = object["containerPort"],
      let hostPort = UInt16(exactly: host), let containerPort = UInt16(exactly: container)
    else { return nil }
    var transport = "tcp", address = ""
    if case .string(let text)? = object["protocol"], !text.isEmpty { transport = text.lowercased() }
    if case .string(let text)? = object["hostIP"] { address = text }
    self.init(hostPort: hostPort, containerPort: containerPort, transport: transport, hostAddress: address)
  }
}
