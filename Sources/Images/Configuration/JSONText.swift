internal import JSON

/// Values that are expected to be of a kind; errors say where it is not so. `null` counts as absent, as programs written in Go have it.
enum JSONText {
  /// The object that some text is.
  static func object(_ text: [UInt8]) throws -> JSONObject {
    let value = try JSONValue(parsing: text)
    return try object(value, "the document")
  }

  static func object(_ value: JSONValue, _ name: String) throws -> JSONObject {
    guard case .object(let object) = value else { throw fault(name, "an object", value) }
    return object
  }

  static func string(_ value: JSONValue, _ name: String) throws -> String {
    guard case .string(let text) = value else { throw fault(name, "a string", value) }
    return text
  }

  static func integer(_ value: JSONValue, _ name: String) throws -> Int64 {
    guard case .integer(let number) = value else { throw fault(name, "an integer", value) }
    return number
  }

  static func array(_ value: JSONValue, _ name: String) throws -> [JSONValue] {
    guard case .array(let elements) = value else { throw fault(name, "a list", value) }
    return elements
  }

  static func strings(_ value: JSONValue, _ name: String) throws -> [String] { try array(value, name).map { try string($0, name) } }

  private static func fault(_ name: String, _ expected: String, _ found: JSONValue) -> ImageError {
    ImageError(.badArchive, "\(name): expected \(expected), found \(found.kind)")
  }
}

extension JSONObject {
  /// A member that is there and not null.
  func present(_ name: String) -> JSONValue? {
    guard let value = self[name], value != .null else { return nil }
    return value
  }

  /// A text; empty if it is absent.
  func text(_ name: String) throws -> String { try present(name).map { try JSONText.string($0, name) } ?? "" }

  /// A number; 0 if it is absent.
  func number(_ name: String) throws -> Int64 { try present(name).map { try JSONText.integer($0, name) } ?? 0 }

  /// A list of texts; empty if it is absent. A single text stands for a list of one.
  func texts(_ name: String) throws -> [String] {
    guard let value = present(name) else { return [] }
    if case .string(let text) = value { return [text] }
    return try JSONText.strings(value, name)
  }

  /// An object; nil if it is absent.
  func object(_ name: String) throws -> JSONObject? { try present(name).map { try JSONText.object($0, name) } }
}
