internal import Engine
internal import JSON

/// The part of Go's template language that people use with docker's `--format`: fields, `json`, `index`, `len`, `join`, `split`, `upper`, `lower`,
/// `println`, `eq`, `ne`, `not`, `and`, `or`; `if`, `with` and `range`, with `else` and variables; pipelines and parentheses.
struct Template {
  private let nodes: [TemplateNode]

  /// Reads a template; `\t` and `\n` are written with a backslash on a command line.
  init(_ text: String) throws(EngineError) {
    var parser = TemplateParser(text.replacing("\\t", with: "\t").replacing("\\n", with: "\n"))
    nodes = try parser.parse()
  }

  /// The template filled in; a field that is not there is an error.
  func text(_ object: JSONObject) throws(EngineError) -> String {
    var scope = TemplateScope(dot: .object(object))
    return try scope.text(nodes)
  }
}

/// A piece of a template.
indirect enum TemplateNode {
  case text(String)
  case output(TemplatePipeline)
  case assignment(String, TemplatePipeline)
  case condition(TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
  case with(TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
  case range(variables: [String], TemplatePipeline, then: [TemplateNode], otherwise: [TemplateNode])
}

/// Calls one after another; each gets the result of the one before as its last argument.
struct TemplatePipeline {
  var calls: [[TemplateOperand]]
}

/// A word of a call.
indirect enum TemplateOperand {
  /// `.A.B`
  case field([String])
  /// `$name.A.B`
  case variable(String, [String])
  case literal(JSONValue)
  case function(String)
  case group(TemplatePipeline, [String])
}
