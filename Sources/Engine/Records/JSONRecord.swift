public import JSON

/// A value that is kept as a JSON object. One list of fields serves both directions.
public protocol JSONRecord: Sendable {
  /// The value whose fields all have their defaults.
  init()
  /// Names every field once: `fields.field("hostname", &hostName)`.
  mutating func code(_ fields: inout FieldCoder) throws(RecordError)
}

extension JSONRecord {
  /// Reads a value; fields that are missing keep their defaults, members that are unknown are passed over.
  public init(json: JSONValue) throws(RecordError) {
    guard case .object(let object) = json else { throw RecordError("expected an object, got \(json.kind)") }
    self.init()
    var fields = FieldCoder(reading: object)
    try code(&fields)
  }

  /// The value as a JSON object; fields that have no value, or are empty or false, are left out.
  public var json: JSONValue {
    var copy = self
    var fields = FieldCoder()
    // Writing never fails.
    do { try copy.code(&fields) } catch { preconditionFailure("\(error)") }
    return .object(JSONObject(fields.members))
  }
}

/// A record that cannot be read: the field and what is wrong with it.
public struct RecordError: Error, Equatable, CustomStringConvertible {
  /// `hostname: expected a string, got an integer`
  public let description: String

  init(_ description: String) { self.description = description }

  /// The same error inside a field.
  func inside(_ field: String) -> RecordError { RecordError("\(field): \(description)") }
}
