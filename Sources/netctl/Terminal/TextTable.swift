/// Rows under headings, as wide as they must be. Where the screen is too narrow, whole columns are left out, and it says so.
struct TextTable {
  /// One column.
  struct Column {
    let heading: String
    /// Columns with high numbers are left out first; 0 always stays.
    let rank: Int

    init(_ heading: String, rank: Int = 0) {
      self.heading = heading
      self.rank = rank
    }
  }

  let columns: [Column]
  private(set) var rows: [[String]] = []

  init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row; what others have chosen in it is made harmless.
  mutating func add(_ cells: [String]) { rows.append(cells.map { $0.isEmpty ? "-" : Terminal.plain($0) }) }

  /// The whole table, with a line feed at the end of each line.
  func text(_ terminal: Terminal) -> String {
    let widths = columns.indices.map { column in ([columns[column].heading] + rows.map { $0[column] }).map(\.count).max() ?? 0 }
    var shown = Array(columns.indices)
    if let limit = terminal.width {
      while shown.reduce(-2, { $0 + widths[$1] + 2 }) > limit, let last = shown.max(by: { columns[$0].rank < columns[$1].rank }),
        columns[last].rank > 0
      {
        shown.removeAll { $0 == last }
      }
    }
    var text = terminal.styled(line(columns.map(\.heading), shown, widths), .bold) + "\n"
    for row in rows { text += line(row, shown, widths) + "\n" }
    let hidden = columns.indices.filter { !shown.contains($0) }.map { columns[$0].heading }
    if !hidden.isEmpty { text += terminal.styled("not shown for want of room: \(hidden.joined(separator: ", "))", .faint) + "\n" }
    return text
  }

  private func line(_ cells: [String], _ shown: [Int], _ widths: [Int]) -> String {
    shown.enumerated().map { position, column in
      position == shown.count - 1 ? cells[column] : cells[column] + String(repeating: " ", count: widths[column] + 2 - cells[column].count)
    }.joined()
  }
}
