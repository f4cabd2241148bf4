internal import Engine
internal import JSON

/// The part of docker's `--format` language that asks for fields: `{{.Name}}`, `{{.IPAM.Driver}}`, `{{json .Labels}}`, `{{json .}}`.
struct Template {
  private enum Part {
    case text(String)
    case field([String], asJSON: Bool)
  }

  private var parts: [Part] = []

  /// Reads a template; `\t` and `\n` are written with a backslash on a command line.
  init(_ text: String) throws(EngineError) {
    var rest = text.replacing("\\t", with: "\t").replacing("\\n", with: "\n")[...]
    while let start = rest.firstRange(of: "{{") {
      parts.append(.text(String(rest[..<start.lowerBound])))
      guard let end = rest[start.upperBound...].firstRange(of: "}}") else {
        throw EngineError("template parsing error: unclosed action in \"\(text)\"", exitCode: 64)
      }
      let words = rest[start.upperBound..<end.lowerBound].split(separator: " ").map { String($0) }
      guard let path = words.last, words.count == 1 || words.count == 2 && words[0] == "json", path.hasPrefix(".") else {
        throw EngineError(
          "template parsing error: expected {{.Field}} or {{json .Field}}, got \"\(rest[start.lowerBound..<end.upperBound])\"", exitCode: 64
        )
      }
      parts.append(.field(path.split(separator: ".").map { String($0) }, asJSON: words.count == 2))
      rest = rest[end.upperBound...]
    }
    parts.append(.text(String(rest)))
  }

  /// The template filled in; a field that is not there is an error.
  func text(_ object: JSONObject) throws(EngineError) -> String {
    var text = ""
    for part in parts {
      switch part {
      case .text(let plain): text += plain
      case .field(let path, let asJSON):
        var value = JSONValue.object(object)
        for name in path {
          guard case .object(let inner) = value, let next = inner[name] else {
            throw EngineError("template: can't evaluate field \(name)", exitCode: 64)
          }
          value = next
        }
        text += asJSON ? value.text : Listing.text(value)
      }
    }
    return text
  }
}
