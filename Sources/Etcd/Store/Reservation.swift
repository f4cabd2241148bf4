import CNI
import JSON
import Overlay

/// Who has a network, or had it until a while ago: written with every lease of ours, it ends later, and until then nobody else of us takes the network.
struct Reservation {
  /// The host; nil if it is not known.
  let node: String?

  init(node: String?) { self.node = node }

  /// Reads a record; what cannot be read still reserves the network, for nobody.
  init(_ text: [UInt8]) { node = try? ConfigurationObject(parsing: text).string("node") }

  /// The record's text.
  var text: [UInt8] { Array(JSONValue.object(JSONObject(node.map { [("node", .string($0))] } ?? [])).text.utf8) }
}
