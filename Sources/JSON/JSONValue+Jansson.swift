import CJansson

extension JSONValue {
  /// Copies a tree of jansson's, which stays its owner's.
  init(_ root: UnsafeMutablePointer<json_t>) {
    switch unsafe root.pointee.type {
    case JSON_TRUE: self = .bool(true)
    case JSON_FALSE: self = .bool(false)
    case JSON_INTEGER: self = .integer(unsafe json_integer_value(root))
    case JSON_REAL: self = .real(unsafe json_real_value(root))
    case JSON_STRING: self = .string(unsafe JSONValue.string(json_string_value(root), length: json_string_length(root)))
    case JSON_ARRAY:
      // Every index is below the array's own size.
      self = .array((0..<(unsafe json_array_size(root))).map { unsafe JSONValue(json_array_get(root, $0)) })
    case JSON_OBJECT:
      var members: [(String, JSONValue)] = []
      var position = unsafe json_object_iter(root)
      // The iterator is valid until the object changes, which it does not.
      while let here = unsafe position {
        if let key = unsafe json_object_iter_key(here), let value = unsafe json_object_iter_value(here) {
          members.append((unsafe String(cString: key), unsafe JSONValue(value)))
        }
        unsafe position = json_object_iter_next(root, here)
      }
      self = .object(JSONObject(distinct: members))
    default: self = .null
    }
  }

  /// A new tree of jansson's with this value, which the caller releases.
  func handle() -> UnsafeMutablePointer<json_t>? {
    switch self {
    case .null: return unsafe json_null()
    case .bool(let value): return unsafe value ? json_true() : json_false()
    case .integer(let value): return unsafe json_integer(value)
    case .real(let value): return unsafe json_real(value)
    case .string(let value):
      // The C string is as long as the text is, and a zero inside it is an ordinary character.
      return unsafe value.withCString { unsafe json_stringn($0, value.utf8.count) }
    case .array(let elements):
      let array = unsafe json_array()
      // json_array_append_new takes the new element over.
      for element in elements { unsafe json_array_append_new(array, element.handle()) }
      return unsafe array
    case .object(let object):
      let members = unsafe json_object()
      for member in object.members { unsafe json_object_set_new(members, member.name, member.value.handle()) }
      return unsafe members
    }
  }

  /// jansson's words for a failure.
  static func reason(_ failure: inout json_error_t) -> String {
    // The text ends with a zero inside its array.
    let reason = unsafe withUnsafeBytes(of: &failure.text) { text in unsafe String(decoding: text.prefix { $0 != 0 }, as: UTF8.self) }
    // Scripts around the tuning plugin look for the word "duplicated".
    return reason.hasPrefix("duplicate ") ? "duplicated \(reason.dropFirst(10))" : reason
  }

  private static func string(_ start: UnsafePointer<CChar>?, length: Int) -> String {
    // jansson's strings are valid UTF-8 of the length it tells.
    unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
  }
}
