internal import Glibc
internal import Linux

/// Where text for people goes. Names that others have chosen must not move the cursor or change colours.
struct Terminal {
  /// Whether colours are wanted and possible.
  let hasColor: Bool
  /// How many columns a line may have; nil if nobody reads it on a screen.
  let width: Int?

  /// The standard output. Colours follow https://no-color.org.
  init(withoutColor: Bool) {
    let isScreen = isatty(STDOUT_FILENO) == 1
    hasColor = isScreen && !withoutColor && getenv("NO_COLOR") == nil
    var size = winsize()
    width = isScreen && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : nil
  }

  /// A style of text.
  enum Style: String {
    case bold = "1"
    case faint = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  /// Text in a style, where there are colours.
  func styled(_ text: String, _ style: Style) -> String { hasColor ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text }

  /// Text without anything that a terminal obeys: control characters, and marks that turn the direction of writing, are written as `\u{7F}`.
  static func plain(_ text: String) -> String {
    if text.unicodeScalars.allSatisfy({ !isDangerous($0) }) { return text }
    return text.unicodeScalars.map { isDangerous($0) ? "\\u{\(String($0.value, radix: 16, uppercase: true))}" : String($0) }.joined()
  }

  /// Text in which the long IDs of containers, 64 hexadecimal digits, are as short as `ps` of every runtime shows them.
  static func brief(_ text: String) -> String {
    var shown = "", digits = ""
    for character in text + "\n" {
      if character.isHexDigit, !character.isUppercase {
        digits.append(character)
      } else {
        shown += digits.count == 64 ? String(digits.prefix(12)) : digits
        shown.append(character)
        digits = ""
      }
    }
    return String(shown.dropLast())
  }

  private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
    default: false
    }
  }

  /// Writes text to a descriptor; a reader who has gone is no error worth telling.
  static func write(_ text: String, to descriptor: Int32 = STDOUT_FILENO) {
    let file = OwnedFile(adopting: descriptor)
    try? file.write(Array(text.utf8))
    _ = file.release()
  }
}
