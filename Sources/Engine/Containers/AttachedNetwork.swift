/// A network that a container is attached to, and what it got there.
public struct AttachedNetwork: JSONRecord {
  /// The network's name.
  public var network = ""
  /// The interface inside the container: `eth0`.
  public var interface = ""
  /// Addresses with their prefix lengths: `10.88.0.2/16`, `fd00::2/64`.
  public var addresses: [String] = []
  /// The gateways, one for each family at the most.
  public var gateways: [String] = []
  /// The interface's hardware address.
  public var hardwareAddress = ""
  /// The bridge or master device on the host; empty if there is none.
  public var hostInterface = ""
  /// Further names of the container on this network.
  public var aliases: [String] = []
  /// What the person asked for with `network connect --ip`, so that a start gives it again.
  public var requestedAddresses: [String] = []
  /// The MAC address that the person asked for; empty for any.
  public var requestedHardwareAddress = ""
  /// `driver-opt`, each `NAME=value`.
  public var driverOptions: [String] = []

  /// No network.
  public init() {}

  /// What is left of it when the container ends.
  public var withoutAddresses: AttachedNetwork {
    var network = self
    (network.addresses, network.gateways, network.hardwareAddress) = ([], [], "")
    return network
  }

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("network", &network)
    try fields.field("interface", &interface)
    try fields.field("addresses", &addresses)
    try fields.field("gateways", &gateways)
    try fields.field("mac", &hardwareAddress)
    try fields.field("hostInterface", &hostInterface)
    try fields.field("aliases", &aliases)
    try fields.field("requestedAddresses", &requestedAddresses)
    try fields.field("requestedMAC", &requestedHardwareAddress)
    try fields.field("driverOptions", &driverOptions)
  }
}
