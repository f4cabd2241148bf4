/// What happens when a container's process ends by itself.
public struct RestartPolicy: JSONRecord, Equatable {
  /// docker's names.
  public enum Kind: String, Sendable, CaseIterable {
    /// It stays ended.
    case never = "no"
    /// It starts again after an exit code other than 0.
    case onFailure = "on-failure"
    /// It starts again.
    case always
    /// It starts again, but not after a reboot if it was stopped before.
    case unlessStopped = "unless-stopped"
  }

  /// Which policy.
  public var kind = Kind.never
  /// For `on-failure`: how often at the most; 0 is without end.
  public var maximumRetries = 0

  /// `no`
  public init() {}

  /// Reads `no`, `on-failure[:n]`, `always` or `unless-stopped`.
  public init(_ text: String) throws(EngineError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard let kind = parts.first.flatMap({ Kind(rawValue: String($0)) }), parts.count <= 2 else {
      throw EngineError("invalid restart policy '\(text)': expected no, on-failure[:max-retries], always or unless-stopped")
    }
    self.kind = kind
    guard parts.count == 2 else { return }
    guard kind == .onFailure else { throw EngineError("maximum retry count cannot be used with restart policy '\(kind.rawValue)'") }
    guard let retries = Int(parts[1]), retries >= 0 else {
      throw EngineError("invalid restart policy '\(text)': maximum retry count must be a number that is not negative")
    }
    maximumRetries = retries
  }

  /// Names its fields.
  public mutating func code(_ fields: inout FieldCoder) throws(RecordError) {
    try fields.field("name", &kind)
    try fields.field("maximumRetryCount", &maximumRetries)
  }
}
