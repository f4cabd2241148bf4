public import CNI
import Netlink
public import Routing

/// The host's end of a container's veth pair: how it is named and how it says whose it is.
///
/// The name follows from the attachment, so that the link can be found without a record even when ADD was killed right after creating it; the
/// alias holds the attachment itself, for people, for GC, and to tell two attachments apart whose names happen to be the same.
public enum HostInterface {
  /// The names that the attachment's link may have: "veth" and eight hexadecimal digits. The second is for the case that the first is taken.
  public static func names(for attachment: Attachment) -> [String] { names(for: attachment, prefix: "veth") }

  /// The same two names with another beginning, for links that are not veth pairs.
  public static func names(for attachment: Attachment, prefix: String) -> [String] {
    [0, 1].map { (salt: UInt8) in
      // FNV-1a with 64 bits, folded to 32.
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for byte in Array(attachment.description.utf8) + [salt] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      let digits = String(UInt32(truncatingIfNeeded: hash ^ hash >> 32), radix: 16)
      return prefix + String(repeating: "0", count: 8 - digits.count) + digits
    }
  }

  /// Throws code 4 if the attachment's names together are too long for an alias: 255 bytes (IFALIASZ of linux/if.h, less the final zero).
  public static func validate(_ attachment: Attachment) throws(CNIError) {
    let size = attachment.description.utf8.count
    guard size < 256 else {
      throw CNIError(
        .invalidEnvironment,
        "the names of network, container and interface are too long for an interface to carry: \(size) bytes with two separators, 255 at the most",
        details: attachment.description)
    }
  }

  /// Whether a link on the host is the attachment's: by its name and its alias. Without an alias it is what a killed ADD left.
  public static func belongs(_ link: Link, to attachment: Attachment) -> Bool {
    guard link.kind == "veth", names(for: attachment).contains(link.name) else { return false }
    return link.alias == nil || link.alias == attachment.description
  }

  /// The attachment that a link on the host says it belongs to; nil if it says nothing that fits its name.
  public static func owner(of link: Link) -> Attachment? {
    guard let attachment = link.alias.flatMap({ Attachment($0) }), belongs(link, to: attachment) else { return nil }
    return attachment
  }
}

extension RouteSocket {
  /// The host's end of an attachment's pair; nil if there is none. `hint` is the name that a previous result gives.
  public mutating func hostInterface(of attachment: Attachment) throws -> Link? {
    for name in HostInterface.names(for: attachment) {
      if let link = try link(named: name), HostInterface.belongs(link, to: attachment) { return link }
    }
    return nil
  }

  /// A name for the host's end of an attachment's pair that no link has.
  public mutating func freeHostInterfaceName(for attachment: Attachment) throws -> String {
    for name in HostInterface.names(for: attachment) where try link(named: name) == nil { return name }
    throw CNIError(
      .other, "no name is free for the host's interface of \(attachment): \(HostInterface.names(for: attachment).joined(separator: ", "))")
  }
}
