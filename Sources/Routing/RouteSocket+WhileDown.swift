import Addresses
import CLinux
import Linux
public import Netlink

extension RouteSocket {
  /// Changes a link that is up while it is switched off for a moment, for what its driver refuses otherwise (EBUSY). Afterwards brings back
  /// what the kernel drops when a link goes down: IPv6 addresses, and routes that neither it nor a router's announcement has made.
  ///
  /// If the change fails, the link is up again, with everything, when the failure is thrown.
  public mutating func performWhileDown(_ change: NetlinkMessage, _ link: Link) throws(NetlinkError) {
    let returning = [UInt8(RTPROT_KERNEL), UInt8(RTPROT_RA)], linkScope = UInt8(RT_SCOPE_LINK.rawValue)
    let addresses = try addresses(linkIndex: link.index, family: .v6).filter { $0.scope < linkScope }
    let routes = try (routes(.v4, table: nil, linkIndex: link.index) + routes(.v6, table: nil, linkIndex: link.index)).filter {
      !returning.contains($0.origin)
    }
    let off = NetlinkMessage.change(.index(link.index)) { $0.isUp = false }
    let on = NetlinkMessage.change(.index(link.index)) { $0.isUp = true }
    // All three are carried out, whatever becomes of the second.
    var failure: NetlinkError?
    do { try perform(off, change, on) } catch { failure = error }
    for address in addresses { try performUnlessPresent(.newAddress(address, withoutDetection: true)) }
    // Gateways are reached by routes on the link itself, so those come first.
    for route in routes.filter({ $0.gateway == nil }) + routes.filter({ $0.gateway != nil }) {
      try performUnlessPresent(.newRoute(route))
    }
    if let failure { throw failure }
  }

  private mutating func performUnlessPresent(_ request: NetlinkMessage) throws(NetlinkError) {
    do { try perform(request) } catch { guard error.code == .exists else { throw error } }
  }
}
