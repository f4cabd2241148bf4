internal import Engine
internal import JSON

/// Fills in a template: the value that a dot stands for, and the variables.
struct TemplateScope {
  private let root: JSONValue
  private var dot: JSONValue
  private var variables: [String: JSONValue] = [:]

  init(dot: JSONValue) {
    root = dot
    self.dot = dot
  }

  /// The text of some nodes.
  mutating func text(_ nodes: [TemplateNode]) throws(EngineError) -> String {
    var text = ""
    for node in nodes {
      switch node {
      case .text(let plain): text += plain
      case .output(let pipeline): text += TemplateScope.print(try value(pipeline))
      case .assignment(let name, let pipeline): variables[name] = try value(pipeline)
      case .condition(let pipeline, let then, let otherwise):
        text += try self.text(TemplateScope.isTrue(try value(pipeline)) ? then : otherwise)
      case .with(let pipeline, let then, let otherwise):
        let value = try value(pipeline)
        var scope = inner(value)
        text += try TemplateScope.isTrue(value) ? scope.text(then) : self.text(otherwise)
      case .range(let names, let pipeline, let then, let otherwise):
        let elements = TemplateScope.elements(try value(pipeline))
        for (key, value) in elements {
          var scope = inner(value)
          if let last = names.last { scope.variables[last] = value }
          if names.count == 2 { scope.variables[names[0]] = key }
          text += try scope.text(then)
        }
        if elements.isEmpty { text += try self.text(otherwise) }
      }
    }
    return text
  }

  private func inner(_ dot: JSONValue) -> TemplateScope {
    var scope = self
    scope.dot = dot
    return scope
  }

  private func value(_ pipeline: TemplatePipeline) throws(EngineError) -> JSONValue {
    var result: JSONValue?
    for call in pipeline.calls {
      guard case .function(let name) = call[0] else {
        result = try value(call[0])
        continue
      }
      var arguments: [JSONValue] = []
      for operand in call.dropFirst() { arguments.append(try value(operand)) }
      if let result { arguments.append(result) }
      result = try TemplateFunction.call(name, arguments)
    }
    return result ?? .null
  }

  private func value(_ operand: TemplateOperand) throws(EngineError) -> JSONValue {
    switch operand {
    case .field(let path): return try TemplateScope.follow(path, from: dot)
    case .variable(let name, let path):
      guard let value = name == "$" ? root : variables[name] else {
        throw EngineError("template: undefined variable \"\(name)\"", exitCode: 64)
      }
      return try TemplateScope.follow(path, from: value)
    case .literal(let value): return value
    case .function(let name): return try TemplateFunction.call(name, [])
    case .group(let pipeline, let path): return try TemplateScope.follow(path, from: value(pipeline))
    }
  }

  private static func follow(_ path: [String], from start: JSONValue) throws(EngineError) -> JSONValue {
    var value = start, isFree = false
    for name in path {
      guard case .object(let object) = value else {
        if value == .null, isFree { return .null }
        throw EngineError("template: can't evaluate field \(name)", exitCode: 64)
      }
      // A map of the container's own names has no value for others; a structure has no other fields.
      if let next = object[name] {
        value = next
      } else if isFree {
        return .string("<no value>")
      } else {
        throw EngineError("template: can't evaluate field \(name)", exitCode: 64)
      }
      isFree = isFree || ["Attributes", "Labels", "Ports", "Networks", "Options", "Sysctls", "Volumes", "ExposedPorts"].contains(name)
    }
    return value
  }

  private static func elements(_ value: JSONValue) -> [(key: JSONValue, value: JSONValue)] {
    switch value {
    case .array(let elements): elements.enumerated().map { (.integer(Int64($0.offset)), $0.element) }
    case .object(let object): object.members.sorted { $0.name < $1.name }.map { (.string($0.name), $0.value) }
    default: []
    }
  }

  static func isTrue(_ value: JSONValue) -> Bool {
    switch value {
    case .null: false
    case .bool(let truth): truth
    case .integer(let number): number != 0
    case .real(let number): number != 0
    case .string(let text): !text.isEmpty
    case .array(let elements): !elements.isEmpty
    case .object(let object): !object.members.isEmpty
    }
  }

  /// A value as Go prints it: `[a b]`, `map[k:v]`.
  static func print(_ value: JSONValue) -> String {
    switch value {
    case .array(let elements): "[\(elements.map { print($0) }.joined(separator: " "))]"
    case .object(let object):
      "map[\(object.members.sorted { $0.name < $1.name }.map { "\($0.name):\(print($0.value))" }.joined(separator: " "))]"
    case .null: "<no value>"
    default: Listing.text(value)
    }
  }
}
