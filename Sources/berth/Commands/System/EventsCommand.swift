internal import ArgumentParser
internal import Engine
internal import Glibc
internal import JSON
internal import Linux

/// `berth events`
struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "events", abstract: "Get real time events from the server")

  @Option(name: [.short, .long], help: "Filter output based on conditions provided: type, event, container, image, label") var filter:
    [String] = []
  @Option(help: "Show all events created since timestamp") var since: String?
  @Option(help: "Stream events until this timestamp") var until: String?
  @Option(help: "Format output: json or a template") var format: String?

  func run() throws {
    let store = try Invocation.store(), log = EventLog(store.places)
    let filter = try EventFilter(filter), template = try format.flatMap { $0 == "json" ? nil : try Template($0) }
    let begin = try Moment.parse(since, "--since") ?? .now(), end = try Moment.parse(until, "--until")
    try FileSystem.createFolders(store.places.root)
    let watch = try FileWatch(log.file)
    var reader = EventReader(log.file), isFirst = true
    while true {
      for event in try isFirst && since != nil ? log.events(and: &reader) : reader.next() {
        guard let time = Timestamp(event.time), time >= begin, filter.fits(event) else { continue }
        if let end, time > end { return }
        Output.line(try text(event, template))
      }
      isFirst = false
      let left = end.map { ($0.nanoseconds - Timestamp.now().nanoseconds) / 1_000_000 }
      if let left, left <= 0 { return }
      var polls = [pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)]
      if poll(&polls, 1, left.map { Int32(clamping: $0 + 1) } ?? -1) > 0 { watch.acknowledge() }
    }
  }

  private func text(_ event: Event, _ template: Template?) throws -> String {
    let json = EventsCommand.json(event)
    if let template { return try template.text(json) }
    if format == "json" { return JSONValue.object(json).text }
    let attributes = event.attributes.filter { !$0.hasSuffix("=") || $0.count > 6 }.sorted().joined(separator: ", ")
    return "\(event.time) \(event.kind) \(event.action) \(event.id)" + (attributes.isEmpty ? "" : " (\(attributes))")
  }

  private static func json(_ event: Event) -> JSONObject {
    let time = Timestamp(event.time) ?? .now()
    let actor = JSONObject([("ID", .string(event.id)), ("Attributes", ContainerDescription.map(event.attributes))])
    return JSONObject([
      ("status", .string(event.action)), ("id", .string(event.id)), ("from", .string(event.attribute("image") ?? "")),
      ("Type", .string(event.kind)),
      ("Action", .string(event.action)), ("Actor", .object(actor)), ("scope", "local"), ("time", .integer(time.seconds)),
      ("timeNano", .integer(time.nanoseconds)),
    ])
  }
}

/// What `events --filter` asks for.
private struct EventFilter {
  private let conditions: [(key: String, value: String)]

  init(_ texts: [String]) throws {
    conditions = try texts.map { text in
      let parts = text.split(separator: "=", maxSplits: 1).map { String($0) }
      guard parts.count == 2, ["type", "event", "container", "image", "label", "network", "volume"].contains(parts[0]) else {
        throw EngineError(
          "invalid filter '\(text)': expected type=, event=, container=, image=, label=, network= or volume=", exitCode: 125)
      }
      return (parts[0], parts[1])
    }
  }

  func fits(_ event: Event) -> Bool {
    Dictionary(grouping: conditions, by: \.key).allSatisfy { key, group in group.contains { fits(event, key, $0.value) } }
  }

  private func fits(_ event: Event, _ key: String, _ value: String) -> Bool {
    switch key {
    case "type": event.kind == value
    case "event": event.action == value || event.action.hasPrefix("\(value):")
    case "label": ContainerFilter.has(event.attributes, value)
    case "image": event.attribute("image") == value
    default: event.kind == key && (event.id.hasPrefix(value) || event.attribute("name") == value)
    }
  }
}
