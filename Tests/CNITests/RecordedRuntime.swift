import CNI
import JSON
import Linux

/// A runtime with plugins that write down what they are asked and answer what a test wants.
struct RecordedRuntime {
  let folder: TemporaryFolder
  let runtime: Runtime

  init(types: [String]) throws {
    folder = try TemporaryFolder()
    runtime = Runtime(
      pluginPath: PluginPath(folder["bin"]), cache: ResultCache(folder["results"]), environment: Environment(["PATH=/usr/bin:/bin"]))
    for type in types { try install(type) }
  }

  /// Installs a plugin that logs its call, keeps its input, answers with `<type>.<command>.reply` and fails if there is `<type>.<command>.fail`.
  func install(_ type: String) throws {
    try folder.install(
      "bin/\(type)",
      #"""
      #!/bin/sh
      cd '\#(folder.path)'
      echo "\#(type) $CNI_COMMAND" >> log
      env | grep ^CNI_ | sort > "\#(type).$CNI_COMMAND.environment"
      cat > "\#(type).$CNI_COMMAND.input"
      if [ "$CNI_COMMAND" = ADD ] && [ -d results ]; then cp results/* seen 2>/dev/null; fi
      if [ -f "\#(type).$CNI_COMMAND.fail" ]; then cat "\#(type).$CNI_COMMAND.fail"; exit 1; fi
      if [ -f "\#(type).$CNI_COMMAND.reply" ]; then cat "\#(type).$CNI_COMMAND.reply"; elif [ "$CNI_COMMAND" = ADD ]; then echo '{}'; fi
      """#)
  }

  /// The calls so far, `type COMMAND`.
  func calls() throws -> [String] { try folder.read("log").split(separator: "\n").map { String($0) } }

  /// What a plugin found on its standard input at the last such command.
  func input(_ type: String, _ command: String) throws -> JSONObject {
    guard case .object(let object) = try JSONValue(parsing: Array(try folder.read("\(type).\(command).input").utf8)) else {
      throw CNIError(.decoding, "no object")
    }
    return object
  }

  /// The CNI variables that a plugin found at the last such command.
  func environment(_ type: String, _ command: String) throws -> [String] {
    try folder.read("\(type).\(command).environment").split(separator: "\n").map { String($0) }
  }

  /// Lets a plugin answer a command.
  func reply(_ type: String, _ command: String, _ text: String) throws { try folder.write("\(type).\(command).reply", text) }

  /// Lets a plugin fail at a command.
  func fail(_ type: String, _ command: String, code: Int) throws {
    try folder.write("\(type).\(command).fail", #"{"code":\#(code),"msg":"\#(type) cannot \#(command)"}"#)
  }

  /// Lets a plugin succeed again.
  func heal(_ type: String, _ command: String) throws { try FileSystem.remove(folder["\(type).\(command).fail"]) }

  /// The names of the records.
  func records() throws -> [String] {
    do { return try FileSystem.names(in: folder["results"]).sorted() } catch {
      if error.code == .noEntry { return [] }
      throw error
    }
  }
}
