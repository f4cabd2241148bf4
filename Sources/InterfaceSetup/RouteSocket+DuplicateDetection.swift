import Addresses
import CNI
public import Linux
import Netlink
public import Routing

extension RouteSocket {
  /// How long duplicate address detection may take, in milliseconds, before ADD gives up.
  private static var detectionLimit: Int32 { 10_000 }

  /// Waits until all IPv6 addresses of a link are in use (RFC 4862, section 5.4); one that another host has is an error.
  ///
  /// Also without detection (`accept_dad` 0) the kernel needs a moment, in which it does not yet listen to questions for the address.
  /// `namespace` is the one that this socket belongs to.
  public mutating func waitForDuplicateDetection(on link: Link, in namespace: borrowing NetworkNamespace) throws {
    func isSettled() throws(NetlinkError) -> Bool {
      try addresses(linkIndex: link.index, family: .v6).allSatisfy { !$0.isTentative || $0.isDuplicate }
    }
    if try !isSettled() {
      var monitor = try namespace.inside { try AddressMonitor() }
      guard try monitor.wait(milliseconds: RouteSocket.detectionLimit, until: isSettled) else {
        throw CNIError(.tryAgainLater, "duplicate address detection on \(link.name) did not end within \(RouteSocket.detectionLimit) ms")
      }
    }
    if let duplicate = try addresses(linkIndex: link.index, family: .v6).first(where: { $0.isDuplicate }) {
      throw CNIError(.other, "address \(duplicate.address.address) is in use by another host on the network of \(link.name)")
    }
  }
}
