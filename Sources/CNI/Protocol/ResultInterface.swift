public import Addresses

/// An interface that a plugin made or prepared: an entry of a result's `interfaces`.
public struct ResultInterface: Equatable, Sendable {
  /// The interface's name.
  public var name: String
  /// Its hardware address as text, in lower case; not always an Ethernet address, InfiniBand's has 20 bytes.
  public var mac: String?
  /// Its maximum transmission unit in bytes.
  public var mtu: Int?
  /// For an interface inside the container the network namespace, exactly as CNI_NETNS named it; nil on the host.
  public var sandbox: String?
  /// The path of a socket, for interfaces that are one.
  public var socketPath: String?
  /// The PCI address of the device behind the interface.
  public var pciID: String?

  /// Describes an interface with an Ethernet address.
  public init(name: String, mac: MACAddress?, mtu: Int? = nil, sandbox: String? = nil) {
    self.name = name
    self.mac = mac?.description
    self.mtu = mtu
    self.sandbox = sandbox
  }

  /// The hardware address, if it is an Ethernet address.
  public var macAddress: MACAddress? { mac.flatMap { MACAddress($0) } }
}
