internal import ArgumentParser
internal import Engine
internal import JSON

/// `berth volume ls`
struct VolumeListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "ls", abstract: "List volumes", aliases: ["list"])

  @Flag(name: [.short, .long], help: "Only display volume names") var quiet = false
  @Option(help: "Format the output: table, json, or a template") var format: String?
  @Option(name: [.short, .long], help: "name=…, label=… or dangling=true|false") var filter: [String] = []

  func run() throws {
    let containers = try Invocation.store(), store = VolumeStore(containers.places)
    var volumes = try store.volumes()
    for text in filter {
      let name = text.prefix { $0 != "=" }, value = String(text.drop { $0 != "=" }.dropFirst())
      switch name {
      case "name": volumes.removeAll { !$0.name.contains(value) }
      case "label": volumes.removeAll { !$0.labels.contains { $0 == value || $0.hasPrefix("\(value)=") } }
      case "dangling":
        let used = try store.usedNames(in: containers)
        volumes.removeAll { used.contains($0.name) == (value == "true") }
      default: throw EngineError("invalid filter '\(text)'")
      }
    }
    let rows = volumes.map { volume in
      JSONObject([
        ("Driver", "local"), ("Name", .string(volume.name)), ("Mountpoint", .string(store.contentPath(of: volume.name))),
        ("Scope", "local"), ("Labels", .string(volume.labels.joined(separator: ","))),
      ])
    }
    try Listing(columns: [("DRIVER", "Driver"), ("VOLUME NAME", "Name")], rows: rows).print(quiet: quiet ? "Name" : nil, format: format)
  }
}
