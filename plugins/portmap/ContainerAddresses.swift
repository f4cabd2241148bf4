import Addresses
import CNI

/// Where published ports lead to: the first address of each family that lies on the container's interface.
struct ContainerAddresses {
  /// At most one of each family, with the prefix lengths of their networks.
  let all: [Subnet]

  /// Chooses from a result. Addresses of interfaces on the host do not count; those without an interface do, because results of old versions
  /// and of IPAM plugins have none.
  init(_ result: CNIResult, interface name: String) {
    let inside = result.addresses.filter { address in
      guard let position = address.interface, result.interfaces.indices.contains(position) else { return true }
      let interface = result.interfaces[position]
      return interface.name == name && interface.sandbox?.isEmpty == false
    }
    all = IPAddress.Family.allCases.compactMap { family in inside.first { $0.address.family == family }?.address }
  }
}
