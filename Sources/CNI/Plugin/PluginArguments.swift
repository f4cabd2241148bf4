/// CNI_ARGS, `K=V;K2=V2`, read only by plugins that know arguments: others must not even look at it.
public struct PluginArguments: Equatable, Sendable {
  /// The text as it came.
  public let text: String

  /// Wraps the value of CNI_ARGS.
  public init(_ text: String) { self.text = text }

  /// The values of the arguments that the plugin knows, the last one of each name.
  ///
  /// Throws for a pair without exactly one "=", and for other arguments unless IgnoreUnknown is 1 or true.
  public func values(known names: [String]) throws(CNIError) -> [String: String] {
    guard !text.isEmpty else { return [:] }
    var values: [String: String] = [:]
    var unknown: [String] = []
    var ignoresUnknown = false
    for pair in text.split(separator: ";", omittingEmptySubsequences: false) {
      let parts = pair.split(separator: "=", omittingEmptySubsequences: false).map { String($0) }
      guard parts.count == 2 else { throw CNIError(.invalidEnvironment, "ARGS: invalid pair \"\(pair)\"") }
      if names.contains(parts[0]) {
        values[parts[0]] = parts[1]
      } else if parts[0] == "IgnoreUnknown" {
        ignoresUnknown = try PluginArguments.bool(parts[1])
      } else {
        unknown.append("\"\(pair)\"")
      }
    }
    guard unknown.isEmpty || ignoresUnknown else {
      throw CNIError(.invalidEnvironment, "ARGS: unknown args [\(unknown.joined(separator: " "))]")
    }
    return values
  }

  private static func bool(_ text: String) throws(CNIError) -> Bool {
    switch text.lowercased() {
    case "1", "true": return true
    case "0", "false": return false
    default: throw CNIError(.invalidEnvironment, "ARGS: IgnoreUnknown is neither true nor false: \"\(text)\"")
    }
  }
}
