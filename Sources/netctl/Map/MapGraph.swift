internal import Inspection

/// A picture in the language of graphviz, for `dot -Tsvg`.
struct MapGraph {
  private(set) var text = """
    graph map {
      rankdir=LR; splines=ortho; nodesep=0.2; ranksep=0.8;
      node [shape=box, style=rounded, fontname="monospace", fontsize=10];
      edge [fontname="monospace", fontsize=8];

    """

  init(_ map: NetworkMap) {
    for node in map.nodes { add(node) }
    for node in map.nodes {
      for branch in node.branches {
        let label = [branch.wire, branch.interface].compactMap { $0 }.joined(separator: " - ")
        text += "  \(node.id) -- \(branch.target) [xlabel=\(MapGraph.quoted(label))\(branch.node == nil ? ", style=dashed" : "")];\n"
      }
    }
    text += "}\n"
  }

  private mutating func add(_ node: NetworkMap.Node) {
    let lines = ["\(node.name) (\(node.type))"] + node.facts + node.ports + node.problems.map { "! \($0)" }
    let color = node.problems.isEmpty ? "" : ", color=red"
    text += "  \(node.id) [label=\(MapGraph.quoted(lines))\(color)];\n"
  }

  /// A string of that language. Backslashes begin its escapes: `\N` would be the node's name.
  static func quoted(_ text: String) -> String { quoted([text]) }

  private static func quoted(_ lines: [String]) -> String {
    let escaped = lines.map { line in
      Terminal.plain(line).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
    return "\"\(escaped.joined(separator: "\\n"))\""
  }
}
