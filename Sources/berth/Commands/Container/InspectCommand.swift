internal import ArgumentParser
internal import Engine
internal import JSON

/// `berth inspect`
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Return low-level information on objects")

  @Option(name: [.short, .long], parsing: .unconditional, help: "Format output using a custom template, or json") var format: String?
  @Flag(name: [.short, .long], help: "Display total file sizes if the type is container") var size = false
  @Option(help: "Return JSON for the specified type: container, image, network or volume") var type: String?
  @Argument(help: "Names or IDs") var names: [String]

  func run() throws {
    let store = try Invocation.store(), inspection = Inspection(store: store)
    var found: [JSONObject] = [], failed = false
    for name in names {
      do { found.append(try inspection.object(name, type: type)) } catch {
        failed = true
        Output.message("Error: \(error)")
      }
    }
    if let format, format != "json" {
      let template = try Template(format)
      for object in found { Output.line(try template.text(object)) }
    } else {
      let all = JSONValue.array(found.map { .object($0) })
      Output.line(format == "json" ? all.text : all.indented(by: 4))
    }
    if failed { throw ExitCode(1) }
  }
}
