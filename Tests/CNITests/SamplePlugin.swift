import Addresses
import CNI
import JSON

/// A plugin that does nothing to the system: it answers with what its configuration holds under `answer`, or fails as `fail` says.
struct SamplePlugin: Plugin {
  static var type: String { "sample" }
  let answer: CNIResult

  init(_ request: PluginRequest) throws {
    if let code = try request.configuration.fields.integer("fail") { throw CNIError(CNIErrorCode(rawValue: code), "told to fail") }
    guard let object = try request.configuration.fields.object("answer") else {
      answer = try request.configuration.previousResult() ?? CNIResult()
      return
    }
    answer = try CNIResult(object, version: .current)
  }

  func add(_ request: PluginRequest) throws -> CNIResult { answer }
  func delete(_ request: PluginRequest) throws {}
  func check(_ request: PluginRequest) throws {}
}
