/// Whose a leased address is, within one network.
public struct LeaseOwner: Hashable, Sendable {
  /// The container's ID, without blanks around it.
  public let containerID: String
  /// The interface's name in the container; nil in files of very old versions of host-local, which stand for every interface of the container.
  public let ifname: String?

  /// Names an attachment.
  public init(containerID: String, ifname: String?) {
    self.containerID = String(decoding: LeaseOwner.trim(containerID.utf8), as: UTF8.self)
    self.ifname = ifname
  }

  /// Reads the content of an address file; nil if it names nobody: such a file was torn when its writer died.
  public init?(content: [UInt8]) {
    let text = LeaseOwner.trim(content)
    guard !text.isEmpty else { return nil }
    let end = zip(text.indices, text.indices.dropFirst()).first { text[$0] == 13 && text[$1] == 10 }?.0 ?? text.endIndex
    containerID = String(decoding: text[..<end], as: UTF8.self)
    ifname = end == text.endIndex ? nil : String(decoding: text[(end + 2)...], as: UTF8.self)
  }

  /// What an address file holds: `<containerID>\r\n<ifname>`.
  public var content: [UInt8] { Array(containerID.utf8) + (ifname.map { [13, 10] + Array($0.utf8) } ?? []) }

  /// The container's ID alone, as very old versions of host-local wrote it.
  var withoutInterface: LeaseOwner { LeaseOwner(containerID: containerID, ifname: nil) }

  /// Drops white space and zero bytes from both ends: a lost write may leave a file of zeros behind.
  private static func trim<Bytes: BidirectionalCollection>(_ bytes: Bytes) -> Bytes.SubSequence where Bytes.Element == UInt8 {
    func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 0 || (9...13).contains(byte) }
    let start = bytes.drop(while: isBlank)
    guard let last = start.lastIndex(where: { !isBlank($0) }) else { return start[start.endIndex...] }
    return start[...last]
  }
}
