public import JSON

/// Reads or writes the fields of a record, one call for each.
public struct FieldCoder {
  private let object: JSONObject?
  private(set) var members: [(String, JSONValue)] = []

  /// A coder that writes.
  init() { object = nil }

  /// A coder that reads.
  init(reading object: JSONObject) { self.object = object }

  /// A text; the empty one is not written.
  public mutating func field(_ name: String, _ value: inout String) throws(RecordError) {
    if isReading {
      if let text = try text(name) { value = text }
    } else if !value.isEmpty {
      members.append((name, .string(value)))
    }
  }

  /// A text that may be missing.
  public mutating func field(_ name: String, _ value: inout String?) throws(RecordError) {
    if isReading { value = try text(name) } else if let value { members.append((name, .string(value))) }
  }

  /// A boolean; false is not written.
  public mutating func field(_ name: String, _ value: inout Bool) throws(RecordError) {
    if isReading {
      guard let found = found(name) else { return }
      guard case .bool(let truth) = found else { throw RecordError("\(name): expected a boolean, got \(found.kind)") }
      value = truth
    } else if value {
      members.append((name, true))
    }
  }

  /// A boolean that may be missing.
  public mutating func field(_ name: String, _ value: inout Bool?) throws(RecordError) {
    if isReading {
      var truth = false
      guard found(name) != nil else { return }
      try field(name, &truth)
      value = truth
    } else if let value {
      members.append((name, .bool(value)))
    }
  }

  /// A number; 0 is written too.
  public mutating func field<Number: FixedWidthInteger>(_ name: String, _ value: inout Number) throws(RecordError) {
    if isReading {
      if let number: Number = try number(name) { value = number }
    } else {
      members.append((name, .integer(Int64(clamping: value))))
    }
  }

  /// A number that may be missing.
  public mutating func field<Number: FixedWidthInteger>(_ name: String, _ value: inout Number?) throws(RecordError) {
    if isReading { value = try number(name) } else if let value { members.append((name, .integer(Int64(clamping: value)))) }
  }

  /// A list of texts; the empty one is not written.
  public mutating func field(_ name: String, _ value: inout [String]) throws(RecordError) {
    if isReading {
      value = try elements(name).map { (element) throws(RecordError) in
        guard case .string(let text) = element else { throw RecordError("\(name): expected strings, got \(element.kind)") }
        return text
      }
    } else if !value.isEmpty {
      members.append((name, .array(value.map { .string($0) })))
    }
  }

  /// A list of texts that may be missing; the empty one is written.
  public mutating func field(_ name: String, _ value: inout [String]?) throws(RecordError) {
    if isReading {
      guard found(name) != nil else { return }
      var texts: [String] = []
      try field(name, &texts)
      value = texts
    } else if let value {
      members.append((name, .array(value.map { .string($0) })))
    }
  }

  /// An inner record.
  public mutating func field<Record: JSONRecord>(_ name: String, _ value: inout Record) throws(RecordError) {
    if isReading {
      if let found = found(name) { value = try Self.decoded(found, name) }
    } else {
      members.append((name, value.json))
    }
  }

  /// An inner record that may be missing.
  public mutating func field<Record: JSONRecord>(_ name: String, _ value: inout Record?) throws(RecordError) {
    if isReading {
      if let found = found(name) { value = try Self.decoded(found, name) }
    } else if let value {
      members.append((name, value.json))
    }
  }

  /// A list of inner records; the empty one is not written.
  public mutating func field<Record: JSONRecord>(_ name: String, _ value: inout [Record]) throws(RecordError) {
    if isReading {
      value = try elements(name).map { (element) throws(RecordError) in try Self.decoded(element, name) }
    } else if !value.isEmpty {
      members.append((name, .array(value.map { $0.json })))
    }
  }

  /// A value that is its text.
  public mutating func field<Value: RawRepresentable<String>>(_ name: String, _ value: inout Value) throws(RecordError) {
    if isReading {
      guard let text = try text(name) else { return }
      guard let known = Value(rawValue: text) else { throw RecordError("\(name): unknown value \"\(text)\"") }
      value = known
    } else {
      members.append((name, .string(value.rawValue)))
    }
  }

  /// Anything, as it is.
  public mutating func field(_ name: String, _ value: inout JSONValue?) {
    if isReading { value = found(name) } else if let value { members.append((name, value)) }
  }

  private var isReading: Bool { object != nil }

  private func found(_ name: String) -> JSONValue? {
    let value = object?[name]
    return value == .null ? nil : value
  }

  private func text(_ name: String) throws(RecordError) -> String? {
    guard let found = found(name) else { return nil }
    guard case .string(let text) = found else { throw RecordError("\(name): expected a string, got \(found.kind)") }
    return text
  }

  private func number<Number: FixedWidthInteger>(_ name: String) throws(RecordError) -> Number? {
    guard let found = found(name) else { return nil }
    guard case .integer(let wide) = found else { throw RecordError("\(name): expected an integer, got \(found.kind)") }
    guard let number = Number(exactly: wide) else { throw RecordError("\(name): \(wide) is out of range") }
    return number
  }

  private func elements(_ name: String) throws(RecordError) -> [JSONValue] {
    guard let found = found(name) else { return [] }
    guard case .array(let elements) = found else { throw RecordError("\(name): expected a list, got \(found.kind)") }
    return elements
  }

  private static func decoded<Record: JSONRecord>(_ value: JSONValue, _ name: String) throws(RecordError) -> Record {
    do { return try Record(json: value) } catch { throw error.inside(name) }
  }
}
