internal import Addresses
public import HostRules

extension PublishedPort {
  /// As docker writes it: `127.0.0.1:8080->80/tcp`; no address stands for all.
  public var arrow: String {
    func range(_ first: UInt16) -> String { hostPorts.count == 1 ? "\(first)" : "\(first)-\(Int(first) + hostPorts.count - 1)" }
    var address = ""
    if let hostAddress, !hostAddress.isUnspecified { address = hostAddress.family == .v4 ? "\(hostAddress):" : "[\(hostAddress)]:" }
    return "\(address)\(range(hostPorts.lowerBound))->\(range(containerPort))/\(transport)"
  }
}
