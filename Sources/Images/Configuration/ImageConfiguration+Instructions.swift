internal import JSON

extension ImageConfiguration {
  /// Applies one Dockerfile instruction, as `--change` of docker's `commit` and `import` takes it: `CMD ["sh"]`, `ENV A=b`, `EXPOSE 80`…
  public mutating func apply(_ instruction: String) throws {
    let trimmed = instruction.drop { $0.isWhitespace }
    let name = trimmed.prefix { !$0.isWhitespace }.uppercased()
    var rest = trimmed.dropFirst(name.count).drop { $0.isWhitespace }
    while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
    func fault(_ expected: String) -> ImageError { ImageError(.invalid, "change '\(instruction)': expected \(expected)") }
    guard !rest.isEmpty || name == "CMD" || name == "ENTRYPOINT" else { throw fault("an argument") }
    let text = String(rest)
    switch name {
    case "CMD": command = try list(text, fault)
    case "ENTRYPOINT": entrypoint = try list(text, fault)
    case "ENV": for (key, value) in try pairs(text, fault) { environment = ImageConfiguration.set(key, value, in: environment) }
    case "LABEL": for (key, value) in try pairs(text, fault) { labels = ImageConfiguration.set(key, value, in: labels).sorted() }
    case "EXPOSE":
      for word in try words(text, fault) {
        let port = try ImageConfiguration.port(word)
        if !exposedPorts.contains(port) { exposedPorts.append(port) }
      }
      exposedPorts.sort { ImageConfiguration.number($0) < ImageConfiguration.number($1) }
    case "VOLUME":
      let added = text.hasPrefix("[") ? try list(text, fault) : try words(text, fault)
      volumes = Set(volumes + added).sorted()
    case "WORKDIR": workingFolder = text.hasPrefix("/") ? text : "\(workingFolder == "/" ? "" : workingFolder)/\(text)"
    case "USER": user = text
    case "STOPSIGNAL": stopSignal = text
    case "SHELL": shell = try list(text, fault)
    case "HEALTHCHECK": healthcheck = try check(text, fault)
    default:
      throw fault("CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK, LABEL, SHELL, STOPSIGNAL, USER, VOLUME or WORKDIR first")
    }
  }

  /// A JSON list of texts, or a command line for the shell.
  private func list(_ text: String, _ fault: (String) -> ImageError) throws -> [String] {
    if text.isEmpty { return [] }
    guard text.hasPrefix("["), let value = try? JSONValue(parsing: Array(text.utf8)) else {
      return (shell.isEmpty ? ["/bin/sh", "-c"] : shell) + [text]
    }
    guard let words = try? JSONText.strings(value, "") else { throw fault("a list of texts, [\"a\", \"b\"]") }
    return words
  }

  /// `KEY=value KEY2="value with blanks"`, or `KEY the rest`.
  private func pairs(_ text: String, _ fault: (String) -> ImageError) throws -> [(String, String)] {
    let words = try words(text, fault)
    if let first = words.first, !first.contains("=") {
      let value = text.dropFirst(first.utf8.count).drop { $0.isWhitespace }
      guard !value.isEmpty else { throw fault("KEY=value") }
      return [(first, String(value))]
    }
    return try words.map { word in
      guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { throw fault("KEY=value, found '\(word)'") }
      return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }
  }

  /// Words separated by blanks, with quotes and backslashes as in a Dockerfile.
  private func words(_ text: String, _ fault: (String) -> ImageError) throws -> [String] {
    var words: [String] = [], word: String?, quote: Character?, isEscaped = false
    for character in text {
      if isEscaped {
        word = (word ?? "") + String(character)
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
      } else if let open = quote {
        if character == open { quote = nil } else { word = (word ?? "") + String(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        word = word ?? ""
      } else if character.isWhitespace {
        if let whole = word { words.append(whole) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil else { throw fault("a closing \(quote ?? " ")") }
    return words + (word.map { [$0] } ?? [])
  }

  private static func set(_ key: String, _ value: String, in list: [String]) -> [String] {
    var list = list
    if let position = list.firstIndex(where: { $0.hasPrefix("\(key)=") }) {
      list[position] = "\(key)=\(value)"
    } else {
      list.append("\(key)=\(value)")
    }
    return list
  }

  /// `NONE`, or `[--interval=30s] [--timeout=30s] [--start-period=0s] [--start-interval=5s] [--retries=3] CMD …`
  private func check(_ text: String, _ fault: (String) -> ImageError) throws -> ImageHealthcheck {
    var check = ImageHealthcheck(), rest = Substring(text)
    while rest.hasPrefix("--") {
      let option = rest.prefix { !$0.isWhitespace }
      rest = rest.dropFirst(option.count).drop { $0.isWhitespace }
      let parts = option.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
      let value = parts.count == 2 ? parts[1] : ""
      func time() throws -> Int64 {
        guard let time = Duration.nanoseconds(value) else { throw fault("a time such as 1m30s, found '\(value)'") }
        return time
      }
      switch parts.first {
      case "interval": check.interval = try time()
      case "timeout": check.timeout = try time()
      case "start-period": check.startPeriod = try time()
      case "start-interval": check.startInterval = try time()
      case "retries":
        guard let count = Int64(value), count >= 0 else { throw fault("a number of retries, found '\(value)'") }
        check.retries = count
      default: throw fault("--interval, --timeout, --start-period, --start-interval or --retries, found '\(option)'")
      }
    }
    if rest.uppercased() == "NONE" {
      check.test = ["NONE"]
      return check
    }
    guard rest.uppercased().hasPrefix("CMD"), let first = rest.dropFirst(3).first, first.isWhitespace else { throw fault("CMD or NONE") }
    let command = String(rest.dropFirst(3).drop { $0.isWhitespace })
    check.test = command.hasPrefix("[") ? ["CMD"] + (try list(command, fault)) : ["CMD-SHELL", command]
    return check
  }
}
