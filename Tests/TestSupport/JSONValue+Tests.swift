public import JSON

/// Short ways through a JSON tree: what is missing is null.
extension JSONValue {
  /// A member of an object.
  public subscript(name: String) -> JSONValue {
    if case .object(let object) = self { object[name] ?? .null } else { .null }
  }

  /// An element of an array.
  public subscript(position: Int) -> JSONValue {
    elements.indices.contains(position) ? elements[position] : .null
  }

  /// The elements of an array.
  public var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }

  /// The text of a string, else the value as JSON text.
  public var string: String { if case .string(let text) = self { text } else { text } }

  /// The number of an integer.
  public var integer: Int? { if case .integer(let value) = self { Int(value) } else { nil } }

  /// The object with a member set.
  public func with(_ name: String, _ value: JSONValue) -> JSONValue {
    guard case .object(var object) = self else { return self }
    object[name] = value
    return .object(object)
  }

  /// The object without a member.
  public func without(_ name: String) -> JSONValue {
    guard case .object(var object) = self else { return self }
    object[name] = nil
    return .object(object)
  }

  /// The value of a JSON text; throws if it is none.
  public static func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }
}
