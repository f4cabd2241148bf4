public import Addresses
public import CNI
import IPAM

extension HostLocalPlugin {
  /// The folder of the network's leases.
  public var leaseFolder: String { configuration.leaseFolder }

  /// The addresses of a result that are to be leased in this network's folder; others were added by somebody else.
  public func intendedLeases(_ result: CNIResult) -> [IPAddress] {
    result.addresses.map(\.address.address).filter { address in configuration.plan.sets.contains { $0.pool(containing: address) != nil } }
  }
}
