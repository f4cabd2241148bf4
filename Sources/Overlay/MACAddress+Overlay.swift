public import Addresses

extension MACAddress {
  /// The Ethernet address of the VXLAN device of the host that has these networks, in an overlay with this number.
  ///
  /// It follows from nothing else, so it stays over restarts of anything, and two hosts have the same one only if they have the same networks.
  public init(vni: UInt32, subnets: [Subnet]) {
    // FNV-1a with 64 bits.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in "\(vni) \(subnets.map(\.description).joined(separator: " "))".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    self.init(localSeed: hash ^ hash >> 48)
  }
}
