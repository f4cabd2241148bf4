import Addresses
import Overlay
import OverlayControl
import TestSupport

/// What hosts of a test's overlay write.
enum Hosts {
  /// flannel's configuration.
  static let configuration = #"{"Network":"10.200.0.0/16","SubnetLen":24,"Backend":{"Type":"vxlan","VNI":7,"Port":8472}}"#

  /// The lease of the host with a number: 10.200.N.0/24 behind 192.0.2.N; another host's if its node is given.
  static func lease(_ number: Int, node: Int? = nil) throws -> Lease {
    var lease = Lease(subnet: try Subnet("10.200.\(number).0/24").required)
    lease.publicAddress = try IPAddress("192.0.2.\(number)").required
    lease.vni = 7
    lease.macAddress = try MACAddress("02:00:00:00:00:\(number < 10 ? "0" : "")\(number)").required
    lease.hostName = "host\(number)"
    lease.holder = LeaseHolder(node: "node\(node ?? number)", instance: "a", since: 1)
    return lease
  }
}
