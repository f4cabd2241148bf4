internal import ArgumentParser
internal import Engine
internal import Images
internal import JSON

/// `berth image history`
struct ImageHistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "history", abstract: "Show the history of an image")

  @Flag(help: "Don't truncate output") var noTrunc = false
  @Flag(name: [.short, .long], help: "Only show image IDs") var quiet = false
  @Option(help: "Format output: table, json, or a template") var format: String?
  @Argument(help: "A name or an ID") var name: String

  func run() throws {
    let store = LocalImages.store(Invocation.current.places), image = try store.image(named: name)
    let columns = [
      (heading: "IMAGE", field: "ID"), ("CREATED", "CreatedSince"), ("CREATED BY", "CreatedBy"), ("SIZE", "Size"), ("COMMENT", "Comment"),
    ]
    try Listing(columns: columns, rows: rows(image, store.layerSizes(of: image))).print(quiet: quiet ? "ID" : nil, format: format)
  }

  /// A row for each step, the last one first. Layers that have no step, because a program left out the history, get an empty one.
  private func rows(_ image: Image, _ sizes: [Int64]) -> [JSONObject] {
    var steps: [JSONObject] = []
    if case .array(let history)? = image.file["history"] { for case .object(let step) in history { steps.append(step) } }
    let told = steps.filter { $0["empty_layer"] != true }.count
    steps += Array(repeating: JSONObject(), count: max(0, sizes.count - told))
    var layer = 0
    let rows = steps.enumerated().map { position, step in
      let isEmpty = step["empty_layer"] == true || layer >= sizes.count, size = isEmpty ? 0 : sizes[layer]
      if !isEmpty { layer += 1 }
      return row(step, size, id: position == steps.count - 1 ? noTrunc ? image.id : image.shortID : "<missing>")
    }
    return rows.reversed()
  }

  private func row(_ step: JSONObject, _ size: Int64, id: String) -> JSONObject {
    func text(_ name: String) -> String { if case .string(let text)? = step[name] { text } else { "" } }
    let created = Timestamp(text("created"))
    var command = text("created_by").replacing("\n", with: " ").replacing("\t", with: " ")
    if !noTrunc, command.count > 45 { command = command.prefix(44) + "…" }
    return JSONObject([
      ("ID", .string(id)),
      (
        "CreatedSince",
        .string(created.map { "\(Duration(nanoseconds: max(0, Timestamp.now().nanoseconds - $0.nanoseconds)).inWords) ago" } ?? "N/A")
      ),
      ("CreatedAt", .string(text("created"))), ("CreatedBy", .string(command)), ("Size", .string(ByteCount.decimal(UInt64(size)))),
      ("Comment", .string(text("comment"))),
    ])
  }
}
