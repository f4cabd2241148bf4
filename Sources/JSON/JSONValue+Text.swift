import CJansson
import Glibc

extension JSONValue {
  /// Parses one JSON value of any kind.
  ///
  /// Refuses what is ambiguous or dangerous: a member named twice in one object, U+0000 in a string, invalid UTF-8, integers beyond 64 bits,
  /// more than 2048 levels, anything after the value.
  public init(parsing text: [UInt8]) throws(JSONError) {
    var failure = json_error_t()
    let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY)
    // jansson reads exactly the bytes it is given the number of.
    let root = unsafe text.withUnsafeBytes { bytes in
      unsafe json_loadb(bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, flags, &failure)
    }
    guard let root = unsafe root else {
      throw JSONError(reason: JSONValue.reason(&failure), line: Int(failure.line), column: Int(failure.column))
    }
    defer { unsafe json_decref(root) }
    unsafe self.init(root)
  }

  /// The value as compact JSON text.
  public var text: String { text(JSON_COMPACT) }

  /// The value as JSON text for people: a line for each member, indented by two blanks a level, or as many as are wanted up to 31.
  public func indented(by blanks: Int32 = 2) -> String { text(min(max(blanks, 0), JSON_MAX_INDENT)) }

  private func text(_ layout: Int32) -> String {
    let root = unsafe handle()
    defer { unsafe json_decref(root) }
    let flags = Int(layout | JSON_ENCODE_ANY)
    // json_dumps returns a string of its own that we free.
    guard let text = unsafe json_dumps(root, flags) else { preconditionFailure("a JSON value that cannot be written") }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }
}
