import Addresses
import CNI
import JSON
import Testing

@Suite("Configuration fields")
struct ConfigurationTests {
  private func object(_ text: String) throws -> ConfigurationObject {
    try ConfigurationValue(try JSONValue(parsing: Array(text.utf8)), path: "").object()
  }

  @Test("are found without regard to the case of their names")
  func names() throws {
    let fields = try object(#"{"HostPort":8080,"bandWidth":{"IngressRate":5},"vrfName":"x"}"#)
    #expect(try fields.integer("hostPort") == 8080)
    #expect(try fields.object("bandwidth")?.integer("ingressRate") == 5)
    #expect(try fields.string("vrfname") == "x")
  }

  @Test("that are null, absent or an empty text are the same", arguments: [#"{}"#, #"{"a":null}"#])
  func absent(text: String) throws {
    let fields = try object(text)
    #expect(try fields.string("a") == nil)
    #expect(try fields.bool("a") == nil)
    #expect(try fields.flag("a") == false)
    #expect(try fields.integer("a") == nil)
    #expect(try fields.list("a") == nil)
    #expect(try fields.strings("a") == nil)
    #expect(try fields.objects("a") == nil)
    #expect(try fields.object("a") == nil)
    #expect(try fields.address("a") == nil)
    #expect(try fields.subnet("a") == nil)
    #expect(try fields.mac("a") == nil)
  }

  @Test("that are an empty text are absent, but an empty list is not")
  func empty() throws {
    let fields = try object(#"{"a":"","b":[]}"#)
    #expect(try fields.string("a") == nil)
    #expect(try fields.address("a") == nil)
    #expect(try fields.subnet("a") == nil)
    #expect(try fields.mac("a") == nil)
    #expect(try fields.strings("b") == [])
  }

  @Test("have the value that their text says")
  func values() throws {
    let fields = try object(
      #"{"t":true,"f":false,"ip":"10.1.2.3","net":"2001:DB8::1/64","mac":"02-00-00-00-00-0A","list":["a","b"]}"#)
    #expect(try fields.bool("t") == true)
    #expect(try fields.flag("f") == false)
    #expect(try fields.address("ip")?.description == "10.1.2.3")
    #expect(try fields.subnet("net")?.description == "2001:db8::1/64")
    #expect(try fields.mac("mac")?.description == "02:00:00:00:00:0a")
    #expect(try fields.strings("list") == ["a", "b"])
  }

  @Test(
    "take whole numbers however they are written",
    arguments: [("1000", 1000), ("1e3", 1000), ("4294967295", 4_294_967_295), ("4294967296.0", 4_294_967_296), ("-0.0", 0), ("1.5e1", 15)])
  func integers(text: String, value: Int) throws { #expect(try object(#"{"a":\#(text)}"#).integer("a") == value) }

  @Test("know their whole path")
  func path() throws {
    let fields = try object(#"{"ipam":{"ranges":[[{},{"subnet":"10.0.0.0"}]]}}"#)
    let range = try fields.object("ipam")?.list("ranges")?[0].list()[1].object()
    #expect(range?.path == "ipam.ranges[0][1]")
    let error = #expect(throws: CNIError.self) { try range?.subnet("subnet") }
    #expect(error?.code == .invalidConfiguration)
    #expect(error?.message == #"field ipam.ranges[0][1].subnet: expected an address with a prefix length (10.1.2.0/24), got "10.0.0.0""#)
  }

  @Test("with a missing or wrong value make an error of their own")
  func errors() throws {
    #expect(CNIError(missingField: "master", expected: "an interface").message == "field master: expected an interface, but it is missing")
    let value = ConfigurationValue("abc", path: "mode")
    #expect(value.invalid(expected: "l2 or l3") == CNIError(.invalidConfiguration, #"field mode: expected l2 or l3, got "abc""#))
    #expect(value.wrongType(expected: "an array") == CNIError(.decoding, #"field mode: expected an array, got a string: "abc""#))
    let long = CNIError(field: "f", expected: "less", got: .string(String(repeating: "é", count: 1000)))
    #expect(long.message.count < 120)
    #expect(
      CNIError(field: "f", expected: "less", got: .array(Array(repeating: 0, count: 9))).message.hasSuffix("got an array of 9 elements"))
  }
}
