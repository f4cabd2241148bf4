public import Addresses
public import CNI
public import JSON

/// What overlayd tells the plugin, netctl and berth about one network of this host: `state.json` in the state folder.
public struct OverlayState: Equatable, Sendable {
  /// The network's name.
  public var network: String
  /// This host's lease; nil before the first one.
  public var lease: Lease?
  /// All containers' addresses: packets inside are not masqueraded. IPv4 first.
  public var overlays: [Subnet]
  /// The largest packet of containers in bytes.
  public var mtu: UInt32
  /// The tunnel's device; nil without one.
  public var device: String?
  /// The device of the tunnels by the underlay's IPv6, where they have one of their own; nil if not.
  public var ipv6Device: String?
  /// Whether overlayd has put the data plane in place.
  public var isReady: Bool
  /// When the store last answered: seconds since 1970 UTC; nil if it never did.
  public var lastContact: Int64?
  /// After how many seconds without contact containers may be cut off, as far as STATUS is concerned.
  public var contactLimit: Int64
  /// Why the store does not answer; nil while it does.
  public var storeFault: String?
  /// Networks that this host had to leave to another one, with the reason. Containers that still have their addresses are cut off.
  public var lost: [LostSubnet]
  /// The process that keeps this file.
  public var process: Int32

  /// A network that this host had and may not use any more.
  public struct LostSubnet: Hashable, Sendable {
    /// The network.
    public var subnet: Subnet
    /// Who has it now.
    public var reason: String

    /// Joins both.
    public init(subnet: Subnet, reason: String) {
      self.subnet = subnet
      self.reason = reason
    }
  }

  /// The state before anything is known.
  public init(network: String) {
    self.network = network
    overlays = []
    mtu = 1500
    isReady = false
    contactLimit = 600
    lost = []
    process = 0
  }

  /// How many seconds ago the store last answered; nil if it never did.
  public var secondsSinceContact: Int64? { lastContact.map { max(0, WallClock.seconds - $0) } }
}

extension OverlayState {
  /// As it is written.
  public var json: JSONObject {
    var object = JSONObject([("network", .string(network))])
    if let lease { object["lease"] = .object(lease.json) }
    object["overlays"] = .array(overlays.map { .string($0.description) })
    object["mtu"] = .integer(Int64(mtu))
    if let device { object["device"] = .string(device) }
    if let ipv6Device { object["ipv6Device"] = .string(ipv6Device) }
    object["ready"] = .bool(isReady)
    if let lastContact { object["lastContact"] = .integer(lastContact) }
    object["contactLimit"] = .integer(contactLimit)
    if let storeFault { object["storeFault"] = .string(storeFault) }
    object["lost"] = .array(lost.map { ["subnet": .string($0.subnet.description), "reason": .string($0.reason)] })
    object["process"] = .integer(Int64(process))
    return object
  }

  /// Reads what `json` writes.
  public init(_ fields: ConfigurationObject) throws(CNIError) {
    self.init(network: try fields.string("network") ?? "")
    if let lease = try fields.object("lease") { self.lease = try Lease(lease) }
    for overlay in try fields.list("overlays") ?? [] { overlays.append(try overlay.subnet()) }
    mtu = UInt32(try fields.integer("mtu", in: 68...65535) ?? 1500)
    device = try fields.string("device")
    ipv6Device = try fields.string("ipv6Device")
    isReady = try fields.flag("ready")
    lastContact = try fields.integer("lastContact").map { Int64($0) }
    contactLimit = Int64(try fields.integer("contactLimit", in: 0...Int.max) ?? 600)
    storeFault = try fields.string("storeFault")
    for entry in try fields.objects("lost") ?? [] {
      guard let subnet = try entry.subnet("subnet") else { continue }
      lost.append(LostSubnet(subnet: subnet, reason: try entry.string("reason") ?? ""))
    }
    process = Int32(clamping: try fields.integer("process") ?? 0)
  }
}
