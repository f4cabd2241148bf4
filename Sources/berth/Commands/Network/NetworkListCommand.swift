internal import ArgumentParser
internal import Engine
internal import JSON

/// `berth network ls`
struct NetworkListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List networks", aliases: ["list"])

  @Flag(name: [.short, .long], help: "Only display network IDs") var quiet = false
  @Flag(help: "Do not truncate the output") var noTrunc = false
  @Option(help: "Format the output: table, json, or a template") var format: String?
  @Option(name: [.short, .long], help: "name=…, driver=…, id=… or label=…") var filter: [String] = []

  func run() throws {
    let networks = try NetworkStore(Invocation.store().places).networks()
    let filters = try filter.map { text in
      let name = String(text.prefix { $0 != "=" }), value = String(text.drop { $0 != "=" }.dropFirst())
      guard ["name", "driver", "id", "label"].contains(name), text.contains("=") else { throw EngineError("invalid filter '\(text)'") }
      return (name, value)
    }
    var rows = networks.map { row($0.id, $0.name, $0.driver, $0.labels) }
    // What docker has besides: no list of plugins, hence no file.
    if !networks.contains(where: \.isDefault) { rows.append(row(pseudo(NetworkStore.defaultListName), "bridge", "bridge", [])) }
    rows += [row(pseudo("host"), "host", "host", []), row(pseudo("none"), "none", "null", [])]
    let shown = rows.filter { row in
      let labels = Listing.text(row["Labels"]).split(separator: ",")
      return filters.allSatisfy { name, value in
        switch name {
        case "name": Listing.text(row["Name"]).contains(value)
        case "driver": Listing.text(row["Driver"]) == value
        case "id": Listing.text(row["ID"]).hasPrefix(value)
        default: labels.contains { $0 == value || $0.hasPrefix("\(value)=") }
        }
      }
    }
    let sorted = shown.sorted { Listing.text($0["Name"]) < Listing.text($1["Name"]) }
    try Listing(columns: [("NETWORK ID", "ID"), ("NAME", "Name"), ("DRIVER", "Driver"), ("SCOPE", "Scope")], rows: sorted)
      .print(quiet: quiet ? "ID" : nil, format: format)
  }

  private func pseudo(_ name: String) -> String { Network.id(ofName: name) }

  private func row(_ id: String, _ name: String, _ driver: String, _ labels: [String]) -> JSONObject {
    JSONObject([
      ("ID", .string(noTrunc ? id : String(id.prefix(12)))), ("Name", .string(name)), ("Driver", .string(driver)), ("Scope", "local"),
      ("Labels", .string(labels.joined(separator: ","))),
    ])
  }
}
