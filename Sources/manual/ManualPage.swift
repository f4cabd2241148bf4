internal import JSON

/// A command's manual page in the language of man(7).
struct ManualPage {
  /// `netctl-cni-add`
  let name: String
  let text: String

  /// The pages of a command and of all below it.
  static func all(of command: JSONObject, above: [String] = []) -> [ManualPage] {
    let words = above + [string(command["commandName"])]
    let below = list(command["subcommands"]).filter { string($0["commandName"]) != "help" }
    return [ManualPage(command, words, below)] + below.flatMap { all(of: $0, above: words) }
  }

  private init(_ command: JSONObject, _ words: [String], _ below: [JSONObject]) {
    name = words.joined(separator: "-")
    let arguments = ManualPage.list(command["arguments"]).filter { $0["shouldDisplay"] != .bool(false) }
    var text = ".TH \(ManualPage.escaped(name.uppercased())) 1\n.SH NAME\n"
    text += "\(ManualPage.escaped(name)) \\- \(ManualPage.escaped(ManualPage.string(command["abstract"])))\n"
    text += ".SH SYNOPSIS\n.nh\n.B \(ManualPage.escaped(words.joined(separator: " ")))\n"
    if !below.isEmpty { text += ".I COMMAND\n" }
    for argument in arguments { text += ManualPage.escaped(ManualPage.usage(argument)) + "\n" }
    text += ManualPage.discussion(ManualPage.string(command["discussion"]))
    if !below.isEmpty {
      text += ".SH COMMANDS\n"
      for command in below {
        let title = ManualPage.string(command["commandName"])
        text += ".TP\n.BR \(ManualPage.escaped("\(name)-\(title)")) (1)\n\(ManualPage.line(ManualPage.string(command["abstract"])))"
      }
    }
    let positional = arguments.filter { $0["kind"] == "positional" }, options = arguments.filter { $0["kind"] != "positional" }
    for (title, list) in [("ARGUMENTS", positional), ("OPTIONS", options)] where !list.isEmpty {
      text += ".SH \(title)\n"
      for argument in list { text += ManualPage.entry(argument) }
    }
    if words.count > 1 {
      text += ".SH SEE ALSO\n.BR \(ManualPage.escaped(words.dropLast().joined(separator: "-"))) (1)\n"
    }
    self.text = text
  }

  /// What is said of a command; from "Examples:" on as it stands.
  private static func discussion(_ text: String) -> String {
    if text.isEmpty { return "" }
    var page = "", isExample = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line == "Examples:" || line == "Example:" {
        page += (isExample ? ".fi\n" : "") + ".SH EXAMPLES\n.nf\n"
        isExample = true
      } else if line.isEmpty {
        page += isExample ? "\n" : ".PP\n"
      } else {
        page += (page.isEmpty ? ".SH DESCRIPTION\n" : "") + self.line(isExample && line.hasPrefix("  ") ? String(line.dropFirst(2)) : line)
      }
    }
    return page + (isExample ? ".fi\n" : "")
  }

  private static func entry(_ argument: JSONObject) -> String {
    var text = ".TP\n.B \(escaped(heading(argument)))\n"
    var words = [string(argument["abstract"]), string(argument["discussion"])].filter { !$0.isEmpty }
    let values = strings(argument["allValues"])
    if !values.isEmpty { words.append("One of \(values.joined(separator: ", ")).") }
    let initial = string(argument["defaultValue"])
    if !initial.isEmpty { words.append("Without it: \(initial).") }
    text += line(words.isEmpty ? " " : words.joined(separator: " "))
    return text
  }

  /// `-o FORMAT`, `--json`, `CONTAINER`
  private static func heading(_ argument: JSONObject) -> String {
    let value = string(argument["valueName"]).uppercased()
    if argument["kind"] == "positional" { return value }
    let names = list(argument["names"]).map { name in (string(name["kind"]) == "long" ? "--" : "-") + string(name["name"]) }
    return names.joined(separator: ", ") + (argument["kind"] == "option" ? " \(value)" : "")
  }

  private static func usage(_ argument: JSONObject) -> String {
    let isOptional = argument["isOptional"] == .bool(true), dots = argument["isRepeating"] == .bool(true) ? "..." : ""
    return isOptional ? "[\(heading(argument))\(dots)]" : "\(heading(argument))\(dots)"
  }

  // MARK: roff

  /// A line of text that is no request.
  private static func line(_ text: String) -> String {
    let escaped = escaped(text)
    return (escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" : "") + escaped + "\n"
  }

  private static func escaped(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      switch scalar {
      case "\\": return "\\e"
      case "-": return "\\-"
      case "\n": return " "
      default:
        if scalar.isASCII { return String(scalar) }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
      }
    }.joined()
  }

  // MARK: JSON

  private static func string(_ value: JSONValue?) -> String { if case .string(let text)? = value { text } else { "" } }

  private static func strings(_ value: JSONValue?) -> [String] { if case .array(let all)? = value { all.map { string($0) } } else { [] } }

  private static func list(_ value: JSONValue?) -> [JSONObject] {
    guard case .array(let all)? = value else { return [] }
    return all.compactMap { if case .object(let object) = $0 { object } else { nil } }
  }
}
