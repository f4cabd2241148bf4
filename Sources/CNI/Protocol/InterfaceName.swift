/// The rules for an interface's name: the kernel's `dev_valid_name`, with the common CNI library's words for what breaks them.
public enum InterfaceName {
  /// The longest name in bytes: IFNAMSIZ - 1.
  public static var maximumLength: Int { 15 }

  /// Why the text cannot be an interface's name, or nil if it can.
  public static func fault(in text: String) -> (message: String, details: String)? {
    if text.isEmpty { return ("interface name is empty", "") }
    if text.utf8.count > maximumLength { return ("interface name is too long", "interface name should be less than 16 characters") }
    if text == "." || text == ".." { return ("interface name is . or ..", "") }
    // The kernel takes the byte 0xA0 for a blank, too.
    let isForbidden = text.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") || $0 <= 0x20 || $0 == 0x7F || $0 == 0xA0 }
    if isForbidden || text.unicodeScalars.contains(where: { $0.properties.isWhitespace || $0 == "\u{FFFD}" }) {
      return ("interface name contains / or : or whitespace characters", "")
    }
    return nil
  }

  /// Whether the text can be an interface's name.
  public static func isValid(_ text: String) -> Bool { fault(in: text) == nil }
}
