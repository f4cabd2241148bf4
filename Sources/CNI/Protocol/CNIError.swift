public import JSON
internal import Linux

/// What a plugin answers when it fails: section "Error" of the CNI specification.
public struct CNIError: Error, Hashable, Sendable {
  /// What kind of error it is.
  public let code: CNIErrorCode
  /// One sentence.
  public let message: String
  /// More about it; often empty.
  public let details: String

  /// Makes an error of its parts.
  public init(_ code: CNIErrorCode, _ message: String, details: String = "") {
    self.code = code
    self.message = message
    self.details = details
  }

  /// A field with a value that cannot be: code 7, `field mtu: expected 68 to 65535, got 5`.
  ///
  /// `field` is the full path, `ipam.ranges[0][1].subnet`.
  public init(field: String, expected: String, got value: JSONValue) {
    self.init(.invalidConfiguration, "field \(field): expected \(expected), got \(value.excerpt)")
  }

  /// A field whose JSON value has the wrong type: code 6, `field mtu: expected an integer, got a string: "5"`.
  public init(field: String, expected: String, gotType value: JSONValue) {
    let excerpt =
      switch value {
      case .array, .object, .null: ""
      default: ": \(value.excerpt)"
      }
    self.init(.decoding, "field \(field): expected \(expected), got \(value.kind)\(excerpt)")
  }

  /// A required field that is not there: code 7, `field master: expected an interface name, but it is missing`.
  public init(missingField field: String, expected: String) {
    self.init(.invalidConfiguration, "field \(field): expected \(expected), but it is missing")
  }

  /// Any error as a CNI error: a CNI error as it is, a failed system call with code 5, others with code 999.
  public init(_ error: any Error) {
    switch error {
    case let error as CNIError: self = error
    case let error as SystemError: self.init(.inputOutput, error.description)
    default: self.init(.other, String(describing: error))
    }
  }
}

extension CNIError {
  /// The error object that a plugin prints on its standard output.
  public func json(version: CNIVersion) -> JSONValue {
    var object = JSONObject()
    object["cniVersion"] = .string(version.description)
    object["code"] = .integer(Int64(code.rawValue))
    object["msg"] = .string(message)
    if !details.isEmpty { object["details"] = .string(details) }
    return .object(object)
  }

  /// The error that a plugin printed; nil if the text is not an error object with a code.
  public init?(printed text: [UInt8]) {
    guard case .object(let object)? = try? JSONValue(parsing: text), case .integer(let code)? = object["code"],
      let code = Int(exactly: code)
    else { return nil }
    func string(_ key: String) -> String { if case .string(let text)? = object[key] { text } else { "" } }
    self.init(CNIErrorCode(rawValue: code), string("msg"), details: string("details"))
  }
}

extension CNIError: CustomStringConvertible {
  /// The message, and the details after a semicolon.
  public var description: String { details.isEmpty ? message : "\(message); \(details)" }
}

extension JSONValue {
  /// The value as JSON text for a message, cut to 80 characters; large structures only by their kind.
  var excerpt: String {
    switch self {
    case .array(let elements) where elements.count > 8: return "an array of \(elements.count) elements"
    case .object: return "an object"
    default:
      let text = self.text
      return text.utf8.count <= 80 ? text : "\(text.prefix(79))…"
    }
  }
}
