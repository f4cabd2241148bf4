internal import Engine
internal import JSON

/// The functions of templates.
enum TemplateFunction {
  static func call(_ name: String, _ arguments: [JSONValue]) throws(EngineError) -> JSONValue {
    switch (name, arguments.count) {
    case ("json", 1): return .string(arguments[0].text)
    case ("index", 1...): return try index(arguments)
    case ("len", 1): return .integer(Int64(length(arguments[0])))
    case ("join", 2):
      guard case .array(let elements) = arguments[0] else { throw wrong(name) }
      return .string(elements.map { TemplateScope.print($0) }.joined(separator: Listing.text(arguments[1])))
    case ("split", 2):
      return .array(Listing.text(arguments[0]).split(separator: Listing.text(arguments[1])).map { .string(String($0)) })
    case ("upper", 1): return .string(Listing.text(arguments[0]).uppercased())
    case ("lower", 1): return .string(Listing.text(arguments[0]).lowercased())
    case ("print", _): return .string(arguments.map { TemplateScope.print($0) }.joined())
    case ("println", _): return .string(arguments.map { TemplateScope.print($0) }.joined(separator: " ") + "\n")
    case ("eq", 2...): return .bool(arguments.dropFirst().contains(arguments[0]))
    case ("ne", 2): return .bool(arguments[0] != arguments[1])
    case ("not", 1): return .bool(!TemplateScope.isTrue(arguments[0]))
    case ("and", 1...): return arguments.first { !TemplateScope.isTrue($0) } ?? arguments[arguments.count - 1]
    case ("or", 1...): return arguments.first { TemplateScope.isTrue($0) } ?? arguments[arguments.count - 1]
    case ("json", _), ("index", _), ("len", _), ("join", _), ("split", _), ("upper", _), ("lower", _), ("eq", _), ("ne", _), ("not", _),
      ("and", _),
      ("or", _):
      throw EngineError("template: wrong number of arguments for \(name): \(arguments.count)", exitCode: 64)
    default: throw EngineError("template parsing error: function \"\(name)\" not defined", exitCode: 64)
    }
  }

  private static func index(_ arguments: [JSONValue]) throws(EngineError) -> JSONValue {
    var value = arguments[0]
    for key in arguments.dropFirst() {
      switch (value, key) {
      case (.object(let object), .string(let name)): value = object[name] ?? .null
      case (.array(let elements), .integer(let position)):
        guard elements.indices.contains(Int(position)) else {
          throw EngineError("template: error calling index: index out of range: \(position)", exitCode: 64)
        }
        value = elements[Int(position)]
      case (.null, _): return .null
      default: throw wrong("index")
      }
    }
    return value
  }

  private static func length(_ value: JSONValue) -> Int {
    switch value {
    case .array(let elements): elements.count
    case .object(let object): object.members.count
    case .string(let text): text.utf8.count
    default: 0
    }
  }

  private static func wrong(_ name: String) -> EngineError {
    EngineError("template: error calling \(name): wrong type of argument", exitCode: 64)
  }
}
