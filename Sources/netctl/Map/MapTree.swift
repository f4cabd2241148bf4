internal import Inspection

/// A picture as a tree of text that fits the terminal.
struct MapTree {
  private let terminal: Terminal
  private(set) var text = ""

  init(_ map: NetworkMap, _ terminal: Terminal) {
    self.terminal = terminal
    add(map.root, wire: nil, first: "", rest: "")
    for node in map.loose { add(node, wire: nil, first: "", rest: "") }
    for problem in map.hidden { text += terminal.styled("could not read: \(Terminal.plain(problem))", .yellow) + "\n" }
  }

  private struct Piece {
    let text: String
    let style: Terminal.Style?
    init(_ text: String, _ style: Terminal.Style? = nil) { (self.text, self.style) = (Terminal.plain(text), style) }
  }

  private mutating func add(_ node: NetworkMap.Node, wire: String?, first: String, rest: String) {
    var pieces = wire.map { [Piece("\($0) ─", .faint)] } ?? []
    pieces += [Piece(node.name, .bold), Piece(node.kind == .lost ? "" : node.type, .faint)] + node.facts.map { Piece($0) }
    pieces += node.ports.map { Piece($0, .green) }
    let below = node.branches.isEmpty ? "  " : "│ "
    write(pieces, first: first, rest: rest + below)
    for problem in node.problems { write(words("! \(problem)"), first: rest + below, rest: rest + below + "  ", separator: " ") }
    for (position, branch) in node.branches.enumerated() {
      let isLast = position == node.branches.count - 1
      let corner = rest + (isLast ? "└─ " : "├─ "), deeper = rest + (isLast ? "   " : "│  ")
      if let child = branch.node {
        add(child, wire: branch.wire, first: corner, rest: deeper)
      } else {
        let end = branch.interface.map { "\(branch.name)'s \($0), shown elsewhere" } ?? "\(branch.name), shown elsewhere"
        write((branch.wire.map { [Piece("\($0) ─", .faint)] } ?? []) + [Piece(end)], first: corner, rest: deeper)
      }
    }
  }

  private func words(_ sentence: String) -> [Piece] { sentence.split(separator: " ").map { Piece(String($0), .red) } }

  /// One line, or as many as it takes.
  private mutating func write(_ pieces: [Piece], first: String, rest: String, separator: String = "  ") {
    var used = first.count, isFirst = true, isAfterWire = false
    text += first
    for piece in pieces where !piece.text.isEmpty {
      let gap = isFirst ? "" : isAfterWire ? " " : separator
      if let width = terminal.width, !isFirst, used + gap.count + piece.text.count > width {
        text += "\n" + rest + "  "
        used = rest.count + 2
      } else {
        text += gap
        used += gap.count
      }
      text += piece.style.map { terminal.styled(fitting(piece.text, used), $0) } ?? fitting(piece.text, used)
      used += piece.text.count
      (isFirst, isAfterWire) = (false, piece.text.hasSuffix("─"))
    }
    text += "\n"
  }

  /// A single word that is too long for a line is cut.
  private func fitting(_ text: String, _ used: Int) -> String {
    guard let width = terminal.width, used + text.count > width, width - used > 1 else { return text }
    return text.prefix(width - used - 1) + "…"
  }
}
