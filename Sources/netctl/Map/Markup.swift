/// Text as it may stand in XML and HTML, also in attributes.
enum Markup {
  /// What others have chosen, harmless for a terminal and for a browser.
  static func text(_ text: String) -> String {
    var escaped = ""
    for scalar in Terminal.plain(text).unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      // XML 1.0 has no such characters.
      case "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// JSON as it may stand in a script element: nothing in it ends the element.
  static func script(_ json: String) -> String {
    var escaped = ""
    for character in json.unicodeScalars {
      switch character {
      case "<": escaped += "\\u003c"
      case ">": escaped += "\\u003e"
      case "&": escaped += "\\u0026"
      case "\u{2028}": escaped += "\\u2028"
      case "\u{2029}": escaped += "\\u2029"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}
