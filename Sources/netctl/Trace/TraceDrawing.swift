internal import Addresses
internal import Diagnosis

/// A trace as a sequence diagram: a line down for everybody, an arrow for each packet from one to the next, and a note for what became of it.
struct TraceDrawing {
  /// What stands in one row.
  private enum Row {
    /// A packet on its way: from one column to another.
    case arrow(from: Int, to: Int, label: String, moment: Int64?)
    /// What became of it.
    case note(at: Int, lines: [String], isBad: Bool)
  }

  private let title: String
  private var columns: [String] = []
  private var rows: [Row] = []
  private let left: Double
  private static let spacing = 330.0, top = 104.0, noteWidth = 44, limit = 100

  /// Draws the first hundred hops.
  init(_ hops: [TracedHop], _ words: TraceWords, title: String) {
    let shown = Array(hops.prefix(TraceDrawing.limit))
    self.title = hops.count > shown.count ? "\(title) (the first \(shown.count) of \(hops.count) hops)" : title
    left = 96 + Double(TraceDrawing.noteWidth) * MapLayout.small / 2
    var followed: Set<Int> = []
    var predecessors: [Int: Int] = [:]
    for (position, hop) in shown.enumerated() {
      let next = shown.indices.first { other in
        other > position && predecessors[other] == nil && shown[other].place != hop.place && shown[other].kind == hop.kind
          && shown[other].inputIndex != nil && shown[other].arriving == hop.leaving
      }
      guard let next, !hop.isLoss, hop.outcome != .delivered else { continue }
      predecessors[next] = position
      followed.insert(position)
    }
    for (position, hop) in shown.enumerated() {
      let here = words.place(hop.place), label = words.packet(hop)
      let before = predecessors[position].map { words.place(shown[$0].place) }
      let sender = hop.inputIndex == nil ? nil : before ?? words.name(hop.arriving.source) ?? hop.arriving.source.address.description
      if let sender, sender != here {
        rows.append(
          .arrow(from: column(sender), to: column(here), label: "\(label)  \(TraceDrawing.ports(hop.arriving))", moment: hop.moment))
      }
      let text = (hop.isLoss ? "✗ " : "") + words.outcome(hop)
      // That it was sent the next arrow says.
      if text != "sent" {
        rows.append(.note(at: column(here), lines: MapLayout.wrapped(text, to: TraceDrawing.noteWidth), isBad: hop.isLoss))
      }
      guard !followed.contains(position), hop.outcome == .forwarded || hop.outcome == .sent else { continue }
      let receiver = words.name(hop.leaving.destination) ?? hop.leaving.destination.address.description
      if receiver != here {
        rows.append(.arrow(from: column(here), to: column(receiver), label: "\(label)  \(TraceDrawing.ports(hop.leaving))", moment: nil))
      }
    }
  }

  private static func ports(_ ends: (source: TracedFlow.End, destination: TracedFlow.End)) -> String {
    guard let source = ends.source.port, let destination = ends.destination.port else { return "" }
    return "\(source) → \(destination)"
  }

  private mutating func column(_ name: String) -> Int {
    if let position = columns.firstIndex(of: name) { return position }
    columns.append(name)
    return columns.count - 1
  }

  private func x(_ column: Int) -> Double { left + Double(column) * TraceDrawing.spacing }

  private static func height(_ row: Row) -> Double {
    switch row {
    case .arrow: 34
    case .note(_, let lines, _): 22 + Double(lines.count) * 15
    }
  }

  /// A file of its own.
  var document: String {
    let bottom = rows.reduce(TraceDrawing.top) { $0 + TraceDrawing.height($1) } + 12
    let width = Int(x(max(0, columns.count - 1)) + left - 60), height = Int(bottom + 24)
    var text = """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" role="img" class="netmap" \
      aria-label="\(Markup.text(title))">
      <title>\(Markup.text(title))</title>
      <style>\(MapDrawing.style)
      .netmap .life{stroke:var(--edge);stroke-dasharray:4 4}
      .netmap .arrow{stroke:var(--line);stroke-width:1.4}
      .netmap .head{fill:var(--line)}</style>
      <rect class="ground" width="100%" height="100%"/>
      <text class="heading" x="24" y="34">\(Markup.text(title))</text>

      """
    for (position, name) in columns.enumerated() { text += lifeline(name, x(position), to: bottom) }
    var y = TraceDrawing.top
    for row in rows {
      text += draw(row, y)
      y += TraceDrawing.height(row)
    }
    return text + "</svg>\n"
  }

  private func lifeline(_ name: String, _ x: Double, to bottom: Double) -> String {
    let number = MapDrawing.number, width = max(80, Double(name.count) * MapLayout.bold + 24)
    return """
      <g class="box"><line class="life" x1="\(number(x))" y1="82" x2="\(number(x))" y2="\(number(bottom))"/>\
      <rect class="body" x="\(number(x - width / 2))" y="54" width="\(number(width))" height="28" rx="6"/>\
      <text class="name" x="\(number(x))" y="72" text-anchor="middle">\(Markup.text(name))</text></g>

      """
  }

  private func draw(_ row: Row, _ y: Double) -> String {
    let number = MapDrawing.number
    switch row {
    case .arrow(let from, let to, let label, let moment):
      let start = x(from), end = x(to), turn = end > start ? -8.0 : 8.0, line = y + 22
      var text = "<g class=\"packet\">"
      if let moment { text += "<text class=\"type\" x=\"24\" y=\"\(number(line + 4))\">\(TraceWords.time(moment))</text>" }
      text += "<line class=\"arrow\" x1=\"\(number(start))\" y1=\"\(number(line))\" x2=\"\(number(end + turn))\" y2=\"\(number(line))\"/>"
      text += "<path class=\"head\" d=\"M\(number(end)) \(number(line))l\(number(turn)) -4v8z\"/>"
      return text + "<text class=\"port\" x=\"\(number((start + end) / 2))\" y=\"\(number(line - 6))\" text-anchor=\"middle\">"
        + "\(Markup.text(label))</text></g>\n"
    case .note(let column, let lines, let isBad):
      let width = (Double(lines.map(\.count).max() ?? 0) * MapLayout.small) + 20, middle = x(column)
      var text =
        "<g class=\"note\(isBad ? " faulty" : "")\"><rect class=\"body\" x=\"\(number(middle - width / 2))\" y=\"\(number(y + 6))\" "
      text += "width=\"\(number(width))\" height=\"\(number(Double(lines.count) * 15 + 8))\" rx=\"5\"/>"
      for (position, line) in lines.enumerated() {
        text += "<text class=\"\(isBad ? "problem" : "fact")\" x=\"\(number(middle))\" y=\"\(number(y + 21 + Double(position) * 15))\" "
        text += "text-anchor=\"middle\">\(Markup.text(line))</text>"
      }
      return text + "</g>\n"
    }
  }
}
