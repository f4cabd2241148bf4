internal import Engine
internal import JSON

/// Reads the text of a template.
struct TemplateParser {
  private let source: String
  private var rest: Substring

  init(_ text: String) {
    source = text
    rest = text[...]
  }

  /// The whole template.
  mutating func parse() throws(EngineError) -> [TemplateNode] {
    let (nodes, end) = try block()
    if let end { throw mistake("unexpected {{\(end)}}") }
    return nodes
  }

  /// Nodes up to the end, or to an `end` or `else`, which is answered.
  private mutating func block() throws(EngineError) -> (nodes: [TemplateNode], end: String?) {
    var nodes: [TemplateNode] = []
    while let start = rest.firstRange(of: "{{") {
      var text = rest[..<start.lowerBound]
      guard let end = rest[start.upperBound...].firstRange(of: "}}") else { throw mistake("unclosed action") }
      var action = rest[start.upperBound..<end.lowerBound]
      rest = rest[end.upperBound...]
      // A hyphen takes the blanks on its side away.
      if action.hasPrefix("- ") {
        action = action.dropFirst()
        while text.last?.isWhitespace == true { text = text.dropLast() }
      }
      if action.hasSuffix(" -") {
        action = action.dropLast()
        rest = rest.drop { $0.isWhitespace }
      }
      if !text.isEmpty { nodes.append(.text(String(text))) }
      var words = TemplateWords(try tokens(of: action), mistake("bad action {{\(action)}}"))
      switch words.peek {
      case nil, .comment?: break
      case .word("end")?: return (nodes, "end")
      case .word("else")?:
        words.skip()
        return (nodes, words.peek == nil ? "else" : "else if")
      case .word(let word)? where ["if", "with", "range"].contains(word):
        words.skip()
        nodes.append(try control(word, &words))
      default: nodes.append(try output(&words))
      }
      try words.finish()
    }
    if !rest.isEmpty { nodes.append(.text(String(rest))) }
    rest = rest[rest.endIndex...]
    return (nodes, nil)
  }

  private mutating func control(_ word: String, _ words: inout TemplateWords) throws(EngineError) -> TemplateNode {
    let variables = word == "range" ? words.variables() : []
    let pipeline = try words.pipeline()
    try words.finish()
    let (then, end) = try block()
    var otherwise: [TemplateNode] = []
    switch end {
    case "end": break
    case "else":
      let (nodes, last) = try block()
      guard last == "end" else { throw mistake("expected {{end}}") }
      otherwise = nodes
    default: throw mistake(end == nil ? "unexpected EOF: expected {{end}}" : "{{else if}} is not known here; expected {{else}} and {{if}}")
    }
    switch word {
    case "if": return .condition(pipeline, then: then, otherwise: otherwise)
    case "with": return .with(pipeline, then: then, otherwise: otherwise)
    default: return .range(variables: variables, pipeline, then: then, otherwise: otherwise)
    }
  }

  private func output(_ words: inout TemplateWords) throws(EngineError) -> TemplateNode {
    let variables = words.variables()
    let pipeline = try words.pipeline()
    return variables.isEmpty ? .output(pipeline) : .assignment(variables[0], pipeline)
  }

  /// Cuts an action into words.
  private func tokens(of action: Substring) throws(EngineError) -> [TemplateToken] {
    var tokens: [TemplateToken] = [], rest = action
    if action.hasPrefix("/*") { return [.comment] }
    while let first = rest.first {
      switch first {
      case " ", "\t", "\n": rest = rest.dropFirst()
      case "|", "(", ")", ",":
        tokens.append(.sign(first))
        rest = rest.dropFirst()
        // A field may follow a closing parenthesis without a blank.
        if first == ")", rest.first == "." {
          let path = rest.prefix { !" \t\n|(),".contains($0) }
          tokens.append(.tail(path.split(separator: ".").map { String($0) }))
          rest = rest.dropFirst(path.count)
        }
      case "\"", "`":
        var text = "", position = rest.index(after: rest.startIndex)
        while position < rest.endIndex, rest[position] != first {
          if first == "\"", rest[position] == "\\", rest.index(after: position) < rest.endIndex {
            position = rest.index(after: position)
          }
          text.append(rest[position])
          position = rest.index(after: position)
        }
        guard position < rest.endIndex else { throw mistake("unterminated quoted string") }
        tokens.append(.literal(.string(text)))
        rest = rest[rest.index(after: position)...]
      default:
        let word = rest.prefix { !" \t\n|(),\"`".contains($0) }
        tokens.append(word == ":=" ? .sign("=") : .word(String(word)))
        rest = rest.dropFirst(word.count)
      }
    }
    return tokens
  }

  private func mistake(_ reason: String) -> EngineError { EngineError("template parsing error: \(reason) in \"\(source)\"", exitCode: 64) }
}

/// A word of an action.
enum TemplateToken: Equatable {
  case word(String)
  case literal(JSONValue)
  case sign(Character)
  case tail([String])
  case comment
}

/// The words of one action, taken from the left.
struct TemplateWords {
  private var rest: ArraySlice<TemplateToken>
  private let mistake: EngineError

  init(_ tokens: [TemplateToken], _ mistake: EngineError) {
    rest = tokens[...]
    self.mistake = mistake
  }

  var peek: TemplateToken? { rest.first }

  mutating func skip() { rest = rest.dropFirst() }

  func finish() throws(EngineError) {
    if !rest.isEmpty, rest.first != .comment, rest.first != .word("end"), rest.first != .word("else") { throw mistake }
  }

  /// `$a, $b :=` if it stands here.
  mutating func variables() -> [String] {
    guard let sign = rest.firstIndex(of: .sign("=")) else { return [] }
    let names = rest[..<sign].compactMap { token in if case .word(let word) = token, word.hasPrefix("$") { word } else { nil } }
    rest = rest[(sign + 1)...]
    return names
  }

  mutating func pipeline() throws(EngineError) -> TemplatePipeline {
    var calls: [[TemplateOperand]] = [[]]
    while let token = rest.first, token != .sign(")") {
      rest = rest.dropFirst()
      switch token {
      case .sign("|"): calls.append([])
      case .sign("("):
        let inner = try pipeline()
        guard rest.popFirst() == .sign(")") else { throw mistake }
        var path: [String] = []
        if case .tail(let names)? = rest.first {
          path = names
          rest = rest.dropFirst()
        }
        calls[calls.count - 1].append(.group(inner, path))
      case .literal(let value): calls[calls.count - 1].append(.literal(value))
      case .word(let word): calls[calls.count - 1].append(operand(word))
      default: throw mistake
      }
    }
    if calls.contains(where: \.isEmpty) { throw mistake }
    return TemplatePipeline(calls: calls)
  }

  private func operand(_ word: String) -> TemplateOperand {
    if word.hasPrefix(".") { return .field(word.split(separator: ".").map { String($0) }) }
    if word.hasPrefix("$") {
      let parts = word.split(separator: ".").map { String($0) }
      return .variable(parts[0], Array(parts.dropFirst()))
    }
    if let number = Int64(word) { return .literal(.integer(number)) }
    switch word {
    case "true": return .literal(true)
    case "false": return .literal(false)
    case "nil": return .literal(.null)
    default: return .function(word)
    }
  }
}
