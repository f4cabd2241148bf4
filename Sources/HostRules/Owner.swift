/// Whose a rule or an element is: one interface of one container in one network.
public struct Owner: Hashable, Sendable {
  /// The network's name.
  public let network: String
  /// The runtime's name of the container.
  public let containerID: String
  /// The interface's name in the container.
  public let interfaceName: String

  /// Names an attachment.
  public init(network: String, containerID: String, interfaceName: String) {
    self.network = network
    self.containerID = containerID
    self.interfaceName = interfaceName
  }

  /// Reads a label, `network/containerID/ifname`; nil for any other text. Parts that were too long stay shortened.
  public init?(label: String) {
    let parts = label.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    self.init(network: String(parts[0]), containerID: String(parts[1]), interfaceName: String(parts[2]))
  }

  /// `network/containerID/ifname`, the comment of everything it owns.
  ///
  /// nft(8) reads comments of up to 128 bytes, without quotes: parts that are too long end in `~` and a number made of the whole, and
  /// unusual characters of the interface's name are written as `%` and two digits. Two owners are the same if their labels are.
  public var label: String { "\(networkPart)/\(containerPart)/\(interfacePart)" }

  /// Whether both are attachments of one container: a runtime asks every network of a container to publish the same ports.
  func isSameContainer(as other: Owner) -> Bool { containerPart == other.containerPart }

  var networkPart: String { Owner.shorten(network, to: 40) }
  var containerPart: String { Owner.shorten(containerID, to: 64) }
  var interfacePart: String { Owner.shorten(Owner.escape(interfaceName), to: 22) }

  /// A number that depends on the label alone, FNV-1a.
  var number: UInt32 { UInt32(truncatingIfNeeded: Owner.hash(label) ^ Owner.hash(label) >> 32) }

  /// The same with 64 bits, as 16 digits.
  var digest: String { Owner.digits(Owner.hash(label)) }

  private static func shorten(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    return String(decoding: text.utf8.prefix(limit - 17), as: UTF8.self) + "~" + digits(hash(text))
  }

  private static func digits(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func escape(_ text: String) -> String {
    let plain = { (byte: UInt8) in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
      default: "-_.~@+%".utf8.contains(byte)
      }
    }
    if text.utf8.allSatisfy(plain) { return text }
    return text.utf8.map { plain($0) ? String(UnicodeScalar($0)) : "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}

extension Owner: CustomStringConvertible {
  /// The label.
  public var description: String { label }
}
