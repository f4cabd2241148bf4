internal import ArgumentParser
internal import Engine
internal import JSON

/// What `inspect` prints: the things that were found; what is missing is named on the standard error, and the exit code is 1 then.
enum DescriptionList {
  /// Describes everything that is named, as JSON or by a template.
  static func print(_ names: [String], format: String?, _ describe: (String) throws -> JSONObject) throws {
    let template = try format.flatMap { $0 == "json" ? nil : try Template($0) }
    var found: [JSONObject] = [], failed = false
    for name in names {
      do { found.append(try describe(name)) } catch {
        failed = true
        Output.message("Error: \(error)")
      }
    }
    if let template {
      for object in found { Output.line(try template.text(object)) }
    } else {
      let all = JSONValue.array(found.map { .object($0) })
      Output.line(format == "json" ? all.text : all.indented(by: 4))
    }
    if failed { throw ExitCode(1) }
  }
}
