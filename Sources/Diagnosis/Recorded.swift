import Addresses
import CNI
import HostRules
import JSON

/// What runtimes have written down about attachments.
enum Recorded {
  /// The addresses of a CNI result.
  static func addresses(_ result: JSONObject) -> [Subnet] {
    guard case .array(let entries)? = result["ips"] else { return [] }
    return entries.compactMap { entry in
      guard case .object(let object) = entry, case .string(let text)? = object["address"] else { return nil }
      return Subnet(text)
    }
  }

  /// The ports that an attachment was made with.
  static func ports(_ attachment: CachedAttachment) -> [PublishedPort] {
    guard case .array(let entries)? = attachment.request.capabilityValues["portMappings"] else { return [] }
    return entries.compactMap { entry in
      guard case .object(let object) = entry, case .integer(let hostPort)? = object["hostPort"],
        case .integer(let containerPort)? = object["containerPort"], let host = UInt16(exactly: hostPort),
        let inside = UInt16(exactly: containerPort)
      else { return nil }
      var transport = TransportProtocol.tcp, address: IPAddress?
      if case .string(let name)? = object["protocol"] { transport = TransportProtocol(rawValue: name.lowercased()) ?? .tcp }
      if case .string(let text)? = object["hostIP"] { address = IPAddress(text) }
      return host == 0 ? nil : PublishedPort(transport, hostAddress: address, hostPorts: host...host, containerPort: inside)
    }
  }
}

extension Recorded {
  /// The gateway that a CNI result gives for an address.
  static func gateway(_ result: JSONObject, of address: Subnet) -> IPAddress? {
    guard case .array(let entries)? = result["ips"] else { return nil }
    for case .object(let object) in entries {
      if case .string(let text)? = object["address"], Subnet(text) == address, case .string(let gateway)? = object["gateway"] {
        return IPAddress(gateway)
      }
    }
    return nil
  }
}
