import Addresses
import Linux
import Netlink
public import Routing

extension ContainerNamespace {
  /// Makes the kernel tell all neighbours where the interface's addresses are now: by gratuitous ARP (RFC 5227) and unsolicited neighbour
  /// advertisements (RFC 4861, section 7.2.6), which it sends when the MAC address is set, be it to what it is.
  public mutating func announce(_ link: Link) throws {
    guard let mac = link.macAddress else { return }
    try settings.setIPv6(link.name, "ndisc_notify", "1")
    try routes.perform(
      .change(.index(link.index)) { $0.ipv4Settings = [.arpNotify: 1] }, .change(.index(link.index)) { $0.macAddress = mac })
  }
}
