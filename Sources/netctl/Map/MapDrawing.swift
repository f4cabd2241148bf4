internal import Inspection

/// A picture as SVG, by itself or inside a page. Light and dark follow the reader's settings.
struct MapDrawing {
  private let layout: MapLayout
  private let title: String

  init(_ map: NetworkMap) {
    layout = MapLayout(map)
    title = "container networks of \(map.root.name)"
  }

  /// A file of its own.
  var document: String { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + element(withStyle: true) + "\n" }

  /// The element.
  func element(withStyle: Bool) -> String {
    let size = "\(Int(layout.width)) \(Int(layout.height))"
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size)" width="\(Int(layout.width))" height="\(Int(layout.height))" \
      role="img" class="netmap" aria-label="\(Markup.text(title))">
      <title>\(Markup.text(title))</title>

      """
    if withStyle { text += "<style>\(MapDrawing.style)</style>\n" }
    text += "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n"
    text += "<text class=\"heading\" x=\"24\" y=\"34\">\(Markup.text(title))</text>\n"
    for wire in layout.wires { text += draw(wire) }
    for box in layout.boxes { text += draw(box) }
    return text + "</svg>"
  }

  private func draw(_ wire: MapLayout.Wire) -> String {
    let from = layout.boxes[wire.from], to = layout.boxes[wire.to]
    // A wire back to an earlier column would cross boxes; the end's name is in the text.
    guard to.x > from.x + from.width else { return "" }
    let startX = from.x + from.width, startY = from.portY, endX = to.x, isExtra = wire.extra != nil
    let endY = to.portY + min(Double(wire.extra ?? 0) * 16, to.height - 24), turn = endY > startY ? 6.0 : -6.0
    let path =
      abs(endY - startY) < 13
      ? "M\(MapDrawing.number(startX)) \(MapDrawing.number(startY))L\(MapDrawing.number(endX)) \(MapDrawing.number(endY))"
      : "M\(MapDrawing.number(startX)) \(MapDrawing.number(startY))H\(MapDrawing.number(wire.bend - 6))q6 0 6 \(MapDrawing.number(turn))V\(MapDrawing.number(endY - turn))q0 \(MapDrawing.number(turn)) 6 "
        + "\(MapDrawing.number(turn))H\(MapDrawing.number(endX))"
    var text = "<g class=\"wire\(isExtra ? " extra" : "")\" data-from=\"\(from.node.id)\" data-to=\"\(to.node.id)\"><path d=\"\(path)\"/>"
    if !wire.label.isEmpty {
      text +=
        "<text x=\"\(MapDrawing.number(endX - 6))\" y=\"\(MapDrawing.number(endY - 5))\" text-anchor=\"end\">\(Markup.text(wire.label))</text>"
    }
    return text + "</g>\n"
  }

  private func draw(_ box: MapLayout.Box) -> String {
    let node = box.node, type = node.kind == .lost ? "" : node.type
    let classes = ["box", node.kind.rawValue, "t-\(MapDrawing.identifier(node.type))"] + (node.problems.isEmpty ? [] : ["faulty"])
    var text = """
      <g class="\(classes.joined(separator: " "))" id="\(node.id)" data-parent="\(box.parent ?? "")" transform="translate(\(MapDrawing.number(box.x)) \
      \(MapDrawing.number(box.y)))"><title>\(Markup.text(MapDrawing.summary(node)))</title>\
      <rect class="body" width="\(MapDrawing.number(box.width))" height="\(MapDrawing.number(box.height))" rx="6"/>\
      <rect class="stripe" width="5" height="\(MapDrawing.number(box.height - 12))" x="0" y="6" rx="2"/>\
      <text class="name" x="14" y="21">\(Markup.text(MapLayout.name(node)))</text>\
      <text class="type" x="\(MapDrawing.number(box.width - 12))" y="21" text-anchor="end">\(Markup.text(type))</text>
      """
    var y = 38.0
    for line in box.lines {
      text +=
        "<text class=\"\(line.kind.rawValue)\" x=\"\(line.kind == .problem ? 28 : 14)\" y=\"\(MapDrawing.number(y))\">\(Markup.text(line.text))</text>"
      if line.kind == .problem && !line.isContinued { text += "<text class=\"problem\" x=\"14\" y=\"\(MapDrawing.number(y))\">!</text>" }
      y += 15
    }
    return text + "</g>\n"
  }

  /// All that is known of a node, for a browser's hint.
  private static func summary(_ node: NetworkMap.Node) -> String {
    let lines = ["\(node.name) (\(node.type))"] + node.facts + node.ports.map { "port \($0)" } + node.problems.map { "! \($0)" }
    return lines.map { Terminal.plain($0) }.joined(separator: "; ")
  }

  /// Letters and digits of a text, for a class.
  static func identifier(_ text: String) -> String {
    String(text.unicodeScalars.map { $0.properties.isASCIIHexDigit || ("a"..."z").contains($0) ? Character($0) : "-" })
  }

  /// A coordinate, with one digit behind the point where it has one.
  static func number(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  /// Colours and fonts, for the picture alone and in a page.
  static let style = """
    .netmap{--ground:#fff;--text:#1b1f24;--soft:#57606a;--line:#8c959f;--body:#f6f8fa;--edge:#d0d7de;--port:#0550ae;--bad:#b3261e;\
    --badbody:#fff1f0;font-family:"DejaVu Sans Mono",ui-monospace,Menlo,Consolas,monospace}
    @media(prefers-color-scheme:dark){.netmap{--ground:#0d1117;--text:#e6edf3;--soft:#9198a1;--line:#6e7681;--body:#161b22;--edge:#30363d;\
    --port:#79c0ff;--bad:#ff7b72;--badbody:#2a1416}}
    .netmap .ground{fill:var(--ground)}
    .netmap text{fill:var(--text);font-size:11px;white-space:pre}
    .netmap .heading{font-size:15px;font-weight:bold}
    .netmap .name{font-size:13px;font-weight:bold}
    .netmap .type{font-size:10px;fill:var(--soft)}
    .netmap .fact{fill:var(--soft)}
    .netmap .port{fill:var(--port)}
    .netmap .problem{fill:var(--bad)}
    .netmap .body{fill:var(--body);stroke:var(--edge)}
    .netmap .faulty .body{stroke:var(--bad)}
    .netmap .lost .body,.netmap .remote .body{stroke-dasharray:5 3}
    .netmap .lost .body{fill:var(--badbody);stroke:var(--bad)}
    .netmap .stripe{fill:#8c959f}
    .netmap .host .stripe{fill:#57606a}
    .netmap .t-bridge .stripe{fill:#1f883d}
    .netmap .t-vxlan .stripe,.netmap .t-wireguard .stripe,.netmap .remote .stripe{fill:#8250df}
    .netmap .t-vlan .stripe{fill:#bf8700}
    .netmap .namespace .stripe{fill:#0969da}
    .netmap .t-bare .stripe{fill:#6e7781}
    .netmap .t-berth .stripe{fill:#1a7f37}
    .netmap .t-podman .stripe{fill:#8957e5}
    .netmap .lost .stripe{fill:#cf222e}
    .netmap .wire path{fill:none;stroke:var(--line);stroke-width:1.4}
    .netmap .wire.extra path{stroke-dasharray:4 3}
    .netmap .wire text{font-size:10px;fill:var(--soft)}
    """
}
