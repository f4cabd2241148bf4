/// Where a container's output goes.
public struct LogOptions: Equatable, Sendable {
  /// docker's `--log-driver`, and one of ours.
  public enum Driver: String, Sendable, CaseIterable {
    /// One JSON object a line, as docker writes them.
    case jsonFile = "json-file"
    /// The bytes as they come.
    case raw
    /// Nowhere.
    case none
  }

  /// The format.
  public var driver = Driver.jsonFile
  /// `max-size`: a file that has grown to so many bytes is put aside; nil for no limit.
  public var maximumSize: Int?
  /// `max-file`: how many files there are at the most.
  public var maximumFiles = 1

  /// Reads `--log-driver` and `--log-opt`.
  public init(driver: String, options: [String]) throws(EngineError) {
    guard let known = Driver(rawValue: driver) else {
      throw EngineError("logger: no log driver named '\(driver)' is registered: expected json-file, raw or none")
    }
    self.driver = known
    for option in options {
      let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
      guard parts.count == 2 else { throw EngineError("invalid logging opt '\(option)': expected NAME=VALUE") }
      switch parts[0] {
      case "max-size":
        guard let size = ByteCount(parts[1]), size.bytes > 0 else {
          throw EngineError("invalid value for max-size: '\(parts[1])': expected a size such as 10m")
        }
        maximumSize = Int(size.bytes)
      case "max-file":
        guard let count = Int(parts[1]), count >= 1 else { throw EngineError("max-file cannot be less than 1: '\(parts[1])'") }
        maximumFiles = count
      case "labels", "labels-regex", "env", "env-regex", "tag", "compress", "mode", "max-buffer-size": break
      default: throw EngineError("unknown log opt '\(parts[0])' for \(driver) log driver")
      }
    }
    if maximumSize == nil, maximumFiles > 1 { throw EngineError("max-file cannot be used without max-size") }
  }
}
