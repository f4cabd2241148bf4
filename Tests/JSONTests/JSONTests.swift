import JSON
import Testing

@Suite("JSON")
struct JSONTests {
  @Test(
    "writes what it read, members in their order",
    arguments: [
      #"{"b":1,"a":[true,false,null,-3,1.5,"x\"\\é"],"c":{}}"#, "[]", "\"text\"", "9223372036854775807", #"{"":""}"#,
    ])
  func roundTrip(text: String) throws { #expect(try JSONValue(parsing: Array(text.utf8)).text == text) }

  @Test(
    "refuses what is ambiguous or broken and says where",
    arguments: [
      ("", 1), ("{", 1), ("{\"a\":1,\n\"a\":2}", 2), ("[1]\n]", 2), ("\"\\u0000\"", 1), ("92233720368547758080", 1), ("{\"a\":01}", 1),
      ("\"\u{1}\"", 1), ("nul", 1),
    ])
  func refuses(text: String, line: Int) {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
    #expect(error?.line == line)
  }

  @Test("calls a member that is there twice duplicated")
  func duplicated() {
    let error = #expect(throws: JSONError.self) { try JSONValue(parsing: Array(#"{"a":1,"a":1}"#.utf8)) }
    #expect(error?.reason == #"duplicated object key near '"a"'"#)
  }

  @Test("refuses bytes that are not UTF-8, and a zero byte")
  func refusesBytes() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
    #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0, 0x22]) }
  }

  @Test("refuses nesting of 100 000 levels without exhausting the stack")
  func deepNesting() {
    #expect(throws: JSONError.self) { try JSONValue(parsing: Array(repeating: UInt8(ascii: "["), count: 100_000)) }
  }

  @Test("finds members without regard to case, the exact name first")
  func caseInsensitive() throws {
    guard case .object(var object) = try JSONValue(parsing: Array(#"{"HostPort":1,"NAME":"a","name":"b"}"#.utf8)) else {
      Issue.record("not an object")
      return
    }
    #expect(object["hostPort"] == 1)
    #expect(object["name"] == "b")
    #expect(object["Name"] == "b")
    #expect(object["missing"] == nil)
    object["hostport"] = nil
    #expect(object.members.map(\.name) == ["NAME", "name"])
  }

  @Test("writes a zero character inside a string as an escape")
  func zeroCharacter() { #expect(JSONValue.string("a\0b").text == #""a\u0000b""#) }
}
