internal import Inspection

/// Where everything in a picture stands: a column for each step away from the host, children beside their parent.
struct MapLayout {
  /// One node with its lines of text and its place.
  struct Box {
    let node: NetworkMap.Node
    let lines: [Line]
    let parent: String?
    let width: Double
    let height: Double
    var x = 0.0
    var y = 0.0

    /// The middle of the first line, where wires end.
    var portY: Double { y + 17 }
  }

  /// A line of text in a box.
  struct Line {
    enum Kind: String { case fact, port, problem }
    let kind: Kind
    let text: String
    /// Whether it goes on with what the line before says.
    var isContinued = false
  }

  /// A wire between two boxes.
  struct Wire {
    let from: Int
    let to: Int
    let label: String
    /// Whether the lower end hangs on another wire, too: how many are drawn above this one there.
    let extra: Int?
    /// Where the wire turns.
    var bend = 0.0
  }

  private(set) var boxes: [Box] = []
  private(set) var wires: [Wire] = []
  private(set) var width = 0.0
  private(set) var height = 0.0

  private var positions: [String: Int] = [:]
  private var children: [[Int]] = []
  private var depths: [Int] = []

  static let margin = 24.0, top = 56.0, rowGap = 12.0
  /// The widths of a character of a monospaced font of 13, 11 and 10 pixels.
  static let bold = 7.9, small = 6.65, tiny = 6.05

  init(_ map: NetworkMap) {
    let roots = ([map.root] + map.loose).map { add($0, parent: nil, depth: 0) }
    var extras: [Int: Int] = [:]
    for box in boxes {
      for branch in box.node.branches {
        guard let from = positions[box.node.id], let to = positions[branch.target] else { continue }
        let ends = [branch.wire, branch.interface].compactMap { $0 }.map { Terminal.plain($0) }
        if branch.node == nil { extras[to, default: 0] += 1 }
        wires.append(Wire(from: from, to: to, label: ends.joined(separator: " - "), extra: branch.node == nil ? extras[to] : nil))
      }
    }
    placeColumns()
    var y = MapLayout.top
    for root in roots { y = place(root, top: y) + 2 * MapLayout.rowGap }
    width = (boxes.map { $0.x + $0.width }.max() ?? 0) + MapLayout.margin
    height = y + MapLayout.margin
  }

  private mutating func add(_ node: NetworkMap.Node, parent: String?, depth: Int) -> Int {
    let position = boxes.count
    boxes.append(MapLayout.box(node, parent: parent))
    positions[node.id] = position
    children.append([])
    depths.append(depth)
    let below = node.branches.compactMap(\.node)
    children[position] = below.map { add($0, parent: node.id, depth: depth + 1) }
    return position
  }

  private static func box(_ node: NetworkMap.Node, parent: String?) -> Box {
    var lines = node.facts.map { Line(kind: .fact, text: shortened($0)) }
    lines += node.ports.map { Line(kind: .port, text: shortened($0)) }
    for problem in node.problems {
      lines += wrapped(problem).enumerated().map { Line(kind: .problem, text: $0.element, isContinued: $0.offset > 0) }
    }
    let title = Double(name(node).count) * bold + Double(node.type.count) * tiny + 16
    let longest = lines.map { Double($0.text.count) * small + ($0.kind == .problem ? 14 : 0) }.max() ?? 0
    return Box(node: node, lines: lines, parent: parent, width: max(title, longest, 60) + 28, height: 34 + Double(lines.count) * 15)
  }

  /// A node's name, short enough for a box.
  static func name(_ node: NetworkMap.Node) -> String { shortened(node.name, to: 36) }

  private static func shortened(_ text: String, to limit: Int = 60) -> String {
    let text = Terminal.plain(text)
    return text.count > limit ? text.prefix(limit - 1) + "…" : text
  }

  /// Lines of up to 52 characters, or as many as are given.
  static func wrapped(_ text: String, to limit: Int = 52) -> [String] {
    var lines: [String] = []
    for word in Terminal.plain(text).split(separator: " ") {
      if let last = lines.last, last.count + word.count < limit {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word.count > limit ? word.prefix(limit - 1) + "…" : word))
      }
    }
    return lines
  }

  private mutating func placeColumns() {
    let last = depths.max() ?? 0
    var x = MapLayout.margin
    for depth in 0...last {
      let here = boxes.indices.filter { depths[$0] == depth }
      for position in here { boxes[position].x = x }
      let labels = wires.filter { depths[$0.to] == depth + 1 }.map { Double($0.label.count) * MapLayout.tiny }.max() ?? 0
      x += (here.map { boxes[$0].width }.max() ?? 0) + 52 + labels
      for position in wires.indices where depths[wires[position].to] == depth + 1 {
        wires[position].bend = x - labels - 22 + (wires[position].extra == nil ? 0 : 8)
      }
    }
  }

  /// Places a box and all that hangs on it below `top`, and answers where that ends.
  private mutating func place(_ position: Int, top: Double) -> Double {
    var y = top
    for child in children[position] { y = place(child, top: y) + MapLayout.rowGap }
    let end = max(top, y - MapLayout.rowGap), height = boxes[position].height
    // Beside the middle of what hangs on it, unless that would be far from its beginning.
    boxes[position].y = end - top <= height ? top : top + min((end - top - height) / 2, 160)
    return max(end, boxes[position].y + height)
  }
}
