internal import Engine
internal import Glibc
internal import Linux

/// Reads `-e`, `--env-file` and `--label-file`.
enum EnvironmentFile {
  /// `NAME=value` of the files, then of the values; a bare name takes its value from berth's own environment, and is left out without one.
  static func merge(files: [String], values: [String]) throws -> [String] {
    try (lines(files) + values).compactMap { text in
      guard let first = text.first, first != "=" else { throw EngineError("invalid environment variable: \(text)", exitCode: 125) }
      if text.contains("=") { return text }
      return getenv(text).map { "\(text)=\(String(cString: $0))" }
    }
  }

  /// The lines of files, without empty ones and comments.
  static func lines(_ files: [String]) throws -> [String] {
    try files.flatMap { (file) -> [String] in
      let content: [UInt8]
      do throws(SystemError) { content = try FileSystem.read(file) } catch {
        throw EngineError("open \(file): \(error.code)", exitCode: 125)
      }
      return try String(decoding: content, as: UTF8.self).split(separator: "\n").compactMap { line in
        let text = line.drop { $0 == " " || $0 == "\t" }.prefix { $0 != "\r" }
        if text.isEmpty || text.first == "#" { return nil }
        if text.prefix(while: { $0 != "=" }).contains(where: { $0 == " " || $0 == "\t" }) {
          throw EngineError("poorly formatted environment: variable '\(text)' contains whitespaces", exitCode: 125)
        }
        return String(text)
      }
    }
  }
}
