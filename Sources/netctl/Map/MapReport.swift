internal import Inspection
internal import JSON

/// A picture as JSON: what is in it, and the wires.
struct MapReport {
  private var nodes: [JSONValue] = []
  private var wires: [JSONValue] = []
  private let map: NetworkMap

  init(_ map: NetworkMap) {
    self.map = map
    for node in [map.root] + map.loose { add(node, parent: nil) }
  }

  /// `{"nodes": […], "wires": […], "problems": []}`
  var json: JSONValue {
    ["nodes": .array(nodes), "wires": .array(wires), "problems": .array(map.hidden.map { .string($0) })]
  }

  private mutating func add(_ node: NetworkMap.Node, parent: String?) {
    nodes.append([
      "id": .string(node.id), "kind": .string(node.kind.rawValue), "name": .string(node.name), "type": .string(node.type),
      "parent": parent.map { .string($0) } ?? .null, "facts": list(node.facts), "ports": list(node.ports), "problems": list(node.problems),
    ])
    for branch in node.branches {
      wires.append([
        "from": .string(node.id), "to": .string(branch.target), "name": branch.wire.map { .string($0) } ?? .null,
        "interface": branch.interface.map { .string($0) } ?? .null,
      ])
      if let child = branch.node { add(child, parent: node.id) }
    }
  }

  private func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
