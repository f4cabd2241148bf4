import JSON
import TestSupport
import Testing

/// A configuration or an environment that a plugin must refuse, with the code and the words that say why.
struct Refusal: CustomTestStringConvertible, Sendable {
  /// Members of the configuration as JSON text; one that is not an object replaces the whole text.
  var keys: String
  /// CNI_COMMAND.
  var command = "ADD"
  /// CNI_ARGS.
  var arguments = ""
  /// CNI_IFNAME.
  var interfaceName = "eth0"
  /// Whether the configuration holds the result of a plugin before.
  var isChained = true
  /// The error's code.
  let code: Int
  /// What message and details must contain.
  let words: [String]

  init(_ keys: String, _ code: Int, _ words: String...) {
    self.keys = keys
    self.code = code
    self.words = words
  }

  /// The same with something set.
  func with<Value>(_ property: WritableKeyPath<Refusal, Value>, _ value: Value) -> Refusal {
    var row = self
    row[keyPath: property] = value
    return row
  }

  var testDescription: String { "\(command) \(keys.prefix(120)) \(arguments)" }

  /// Runs a plugin on the row and expects exactly one error object.
  func expect(of type: String, from runner: PluginRunner, in container: TestNamespace, after previous: JSONValue) throws {
    var runner = runner
    runner.arguments = arguments
    runner.interfaceName = interfaceName
    let members = [#""cniVersion":"1.1.0","name":"net","type":"\#(type)""#, keys, isChained ? #""prevResult":\#(previous.text)"# : ""]
    let isWhole = keys.hasPrefix("{") || keys.hasPrefix("[")
    let input = isWhole ? keys : "{" + members.filter { !$0.isEmpty }.joined(separator: ",") + "}"
    let output = try runner.run(command, type: type, input: input, netns: container.path)
    #expect(output.status == 1, "\(output)")
    let error = try output.json, text = error["msg"].string + " " + (error["details"] == nil ? "" : error["details"].string)
    #expect(error["code"].integer == code, "\(output)")
    for word in words { #expect(text.contains(word), "\(output)") }
    if case .object(let object) = error { #expect(object.members.map(\.name).contains("cniVersion")) }
  }
}
