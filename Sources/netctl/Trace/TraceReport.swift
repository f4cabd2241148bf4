internal import Addresses
internal import Conntrack
internal import Diagnosis
internal import JSON
internal import NFTables

/// What a trace tells as JSON, an object for each thing.
struct TraceReport {
  private let words: TraceWords

  init(_ words: TraceWords) { self.words = words }

  /// A packet in a namespace.
  func json(_ hop: TracedHop) -> JSONValue {
    let rules = hop.passages.map { rule($0) }
    let connection = hop.connections.last.map { JSONValue.string(TraceWords.connection($0)) } ?? .null
    return [
      "event": "hop", "microseconds": .integer(hop.moment / 1000), "place": .string(words.place(hop.place)),
      "packet": .string(words.packet(hop)), "from": end(hop.arriving.source), "to": end(hop.arriving.destination),
      "left_from": end(hop.leaving.source), "left_to": end(hop.leaving.destination), "input": name(words.link(hop.inputIndex, hop.place)),
      "output": name(words.link(hop.outputIndex, hop.place)), "outcome": .string(hop.outcome.rawValue),
      "sentence": .string(words.outcome(hop)), "by": hop.culprit.map { rule($0) } ?? .null, "connection": connection,
      "rules": .array(rules),
    ]
  }

  /// A connection that changed by itself.
  func json(_ event: ConnectionEvent, _ place: Int, _ moment: Int64) -> JSONValue {
    let (source, destination) = event.connection.original.ends
    return [
      "event": "connection", "microseconds": .integer(moment / 1000), "place": .string(words.place(place)),
      "change": .string(event.change.rawValue), "sentence": .string(TraceWords.connection(event)),
      "from": end(source), "to": end(destination), "answered_by": end(event.connection.reply.ends.source),
    ]
  }

  private func rule(_ passage: TracedHop.Passage) -> JSONValue {
    [
      "table": .string("\(passage.table)"), "chain": .string(passage.chain), "hook": name(passage.hook), "rule": .string(passage.words),
      "verdict": name(passage.verdict?.description),
    ]
  }

  private func end(_ end: TracedFlow.End) -> JSONValue {
    [
      "address": .string("\(end.address)"), "port": end.port.map { .integer(Int64($0)) } ?? .null, "name": name(words.name(end)),
    ]
  }

  private func name(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
}
