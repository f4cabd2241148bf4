import Addresses
import CNI
import JSON
import Routing

/// The properties of an interface that `tuning` changes; nil leaves one as it is.
struct LinkSettings: Equatable {
  /// The Ethernet address.
  var macAddress: MACAddress?
  /// Whether it receives every frame.
  var isPromiscuous: Bool?
  /// The largest packet in bytes.
  var mtu: UInt32?
  /// Whether it receives all multicast.
  var receivesAllMulticast: Bool?
  /// The length of the transmit queue in packets.
  var transmitQueueLength: UInt32?

  /// Changes nothing.
  init() {}

  /// Reads the keys that configuration, `args.cni` and the files of saved settings have in common. MTU 0 is the same as none.
  init(_ object: ConfigurationObject) throws(CNIError) {
    if let value = object.value("mac"), value.json != "" { macAddress = try value.station() }
    isPromiscuous = try object.bool("promisc")
    if let value = object.value("mtu"), case let mtu = try value.integer(), mtu != 0 {
      // 68 is the least that IPv4 works with (RFC 791), 65536 the loopback interface's.
      guard (68...65536).contains(mtu) else { throw value.invalid(expected: "0 or 68 to 65536") }
      self.mtu = UInt32(mtu)
    }
    receivesAllMulticast = try object.bool("allmulti")
    transmitQueueLength = try object.integer("txQLen", in: 0...Int(UInt32.max)).map { UInt32($0) }
  }

  /// What an interface has now of everything that `wanted` would change.
  init(of link: Link, asFarAsIn wanted: LinkSettings) {
    if wanted.macAddress != nil { macAddress = link.macAddress }
    // The flags are what an administrator has set; a sniffer counts as promiscuity, but is none of our business.
    if wanted.isPromiscuous != nil { isPromiscuous = link.flags.contains(.promiscuous) }
    if wanted.mtu != nil { mtu = link.mtu }
    if wanted.receivesAllMulticast != nil { receivesAllMulticast = link.flags.contains(.allMulticast) }
    if wanted.transmitQueueLength != nil { transmitQueueLength = link.transmitQueueLength }
  }

  /// Whether nothing is to be changed.
  var isEmpty: Bool { self == LinkSettings() }

  /// These settings, and where they say nothing, those of `others`.
  func completed(by others: LinkSettings) -> LinkSettings {
    var settings = self
    settings.macAddress = macAddress ?? others.macAddress
    settings.isPromiscuous = isPromiscuous ?? others.isPromiscuous
    settings.mtu = mtu ?? others.mtu
    settings.receivesAllMulticast = receivesAllMulticast ?? others.receivesAllMulticast
    settings.transmitQueueLength = transmitQueueLength ?? others.transmitQueueLength
    return settings
  }

  /// Puts the settings into a change of a link.
  func describe(_ change: inout LinkChange) {
    change.macAddress = macAddress
    change.isPromiscuous = isPromiscuous
    change.mtu = mtu
    change.receivesAllMulticast = receivesAllMulticast
    change.transmitQueueLength = transmitQueueLength
  }

  /// The settings under the keys from which they are read.
  var json: JSONObject {
    var object = JSONObject()
    object["mac"] = macAddress.map { .string($0.description) }
    object["promisc"] = isPromiscuous.map { .bool($0) }
    object["mtu"] = mtu.map { .integer(Int64($0)) }
    object["allmulti"] = receivesAllMulticast.map { .bool($0) }
    object["txQLen"] = transmitQueueLength.map { .integer(Int64($0)) }
    return object
  }

  /// What is different about a link, in a sentence; nil if it has all the settings.
  func difference(from link: Link) -> String? {
    let current = LinkSettings(of: link, asFarAsIn: self)
    func compare<Value: Equatable>(_ name: String, _ wanted: Value?, _ found: Value?) -> String? {
      guard let wanted, wanted != found else { return nil }
      return "configured \(name) of \(link.name) is \(wanted), current value is \(found.map { "\($0)" } ?? "none")"
    }
    return compare("Ethernet address", macAddress, current.macAddress) ?? compare("promisc", isPromiscuous, current.isPromiscuous)
      ?? compare("MTU", mtu, current.mtu) ?? compare("allmulti", receivesAllMulticast, current.receivesAllMulticast)
      ?? compare("txQLen", transmitQueueLength, current.transmitQueueLength)
  }
}
