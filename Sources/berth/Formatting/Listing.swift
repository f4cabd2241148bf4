internal import Engine
internal import JSON

/// A list of things in one of docker's forms: a table, one name a line, or what `--format` says.
struct Listing {
  /// The table's columns in docker's words: the heading, and the field's name in templates.
  let columns: [(heading: String, field: String)]
  /// The things: values by field.
  let rows: [JSONObject]

  /// Prints all rows. `quiet` names the one field to print; `format` is nil, `table`, `json`, or a template with `{{.Field}}`.
  func print(quiet: String? = nil, format: String? = nil) throws {
    if let quiet { return rows.forEach { Output.line(Listing.text($0[quiet])) } }
    switch format {
    case nil, "table": table()
    case "json": rows.forEach { Output.line(JSONValue.object($0).text) }
    case let template? where template.hasPrefix("table "):
      let wanted = try Template(String(template.dropFirst(6)))
      let heading = columns.reduce(into: JSONObject()) { $0[$1.field] = .string($1.heading) }
      Listing.aligned(try ([heading] + rows).map { try wanted.text($0) })
    case let template?:
      let template = try Template(template)
      for row in rows { Output.line(try template.text(row)) }
    }
  }

  private func table() {
    let lines = [columns.map(\.heading)] + rows.map { row in columns.map { Listing.text(row[$0.field]) } }
    Listing.aligned(lines.map { $0.joined(separator: "\t") })
  }

  /// Columns as wide as their longest text and three blanks, and at least ten, as docker has them.
  static func aligned(_ lines: [String]) {
    let cells = lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) } }
    let widths = (0..<(cells.map(\.count).max() ?? 0)).map { column in cells.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    for row in cells {
      let padded = row.enumerated().map { position, text in
        position == row.count - 1 ? text : text + String(repeating: " ", count: max(widths[position] + 3, 10) - text.count)
      }
      Output.line(padded.joined())
    }
  }

  /// A value as people read it.
  static func text(_ value: JSONValue?) -> String {
    switch value {
    case .string(let text)?: text
    case .bool(let truth)?: "\(truth)"
    case .integer(let number)?: "\(number)"
    case nil, .null?: ""
    case let other?: other.text
    }
  }
}
