import CNI
import Testing

@Suite("CNI_ARGS")
struct PluginArgumentsTests {
  @Test(
    "give the values that the plugin knows",
    arguments: [
      ("", [:]),
      ("MAC=02:00:00:00:00:01", ["MAC": "02:00:00:00:00:01"]),
      ("IP=10.0.0.5;MAC=x", ["IP": "10.0.0.5", "MAC": "x"]),
      ("IP=", ["IP": ""]),
      ("IP=a;IP=b", ["IP": "b"]),
      ("IgnoreUnknown=1;K8S_POD_NAME=x;IP=a", ["IP": "a"]),
      ("K8S_POD_NAME=x;IgnoreUnknown=TRUE;IP=a", ["IP": "a"]),
      ("IgnoreUnknown=false;IP=a", ["IP": "a"]),
    ] as [(String, [String: String])])
  func values(text: String, expected: [String: String]) throws {
    #expect(try PluginArguments(text).values(known: ["IP", "MAC"]) == expected)
  }

  @Test(
    "are refused with the common library's words",
    arguments: [
      ("FOO", "ARGS: invalid pair \"FOO\""), ("A=1=2;IgnoreUnknown=1", "ARGS: invalid pair \"A=1=2\""),
      (";", "ARGS: invalid pair \"\""), ("FOO=1", "ARGS: unknown args [\"FOO=1\"]"),
      ("FOO=1;IP=a;BAR=2", "ARGS: unknown args [\"FOO=1\" \"BAR=2\"]"), ("IgnoreUnknown=0;FOO=1", "ARGS: unknown args [\"FOO=1\"]"),
    ])
  func refused(text: String, message: String) {
    let error = #expect(throws: CNIError.self) { try PluginArguments(text).values(known: ["IP"]) }
    #expect(error?.message == message)
    #expect(error?.code == .invalidEnvironment)
  }
}
