import CNI
import Testing

/// A command that must be refused: what the runtime sends, and the one error it must get.
struct MalformedInput: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let command: String
  /// Variables that replace those of a good environment; an empty value takes one away.
  let variables: [String]
  let configuration: [UInt8]
  let code: Int
  /// Words that message and details contain.
  let words: [String]

  private init(_ title: String, _ command: String, _ variables: [String], _ configuration: [UInt8], _ code: Int, _ words: [String]) {
    // One line without control characters, of a length that can be read.
    let title = String(title.prefix(100)).debugDescription.dropFirst().dropLast()
    (testDescription, self.command, self.variables, self.configuration, self.code, self.words) =
      (String(title), command, variables, configuration, code, words)
  }

  /// A bad environment with a configuration that is good but for its marker, which gets code 5 as soon as the plugin begins to work.
  static func environment(_ variables: String..., command: String = "ADD", code: Int = 4, says words: String...) -> MalformedInput {
    let title = "\(command) with \(variables.joined(separator: " "))"
    return MalformedInput(title, command, variables, Array(#"{"cniVersion":"1.1.0","name":"n","marker":"/proc/x"}"#.utf8), code, words)
  }

  /// A bad configuration with a good environment.
  static func configuration(_ text: String, command: String = "ADD", _ code: Int, _ words: String...) -> MalformedInput {
    MalformedInput("\(command) of \(text)", command, [], Array(text.utf8), code, words)
  }

  /// One bad member in a configuration that is good otherwise.
  static func member(
    _ text: String, command: String = "ADD", version: String = "1.1.0", _ code: Int, _ words: String...
  ) -> MalformedInput {
    MalformedInput("\(command) with \(text)", command, [], Array(#"{"cniVersion":"\#(version)","name":"n",\#(text)}"#.utf8), code, words)
  }

  /// A configuration that is no readable text.
  static func bytes(_ title: String, _ bytes: [UInt8], _ words: String...) -> MalformedInput {
    MalformedInput(title, "ADD", [], bytes, 6, ["error unmarshall network config"] + words)
  }
}
