internal import JSON

/// One line that a container has printed, or a part of a long one.
public struct LogEntry: Sendable {
  /// Where it was printed.
  public let stream: LogStream
  /// When.
  public let time: Timestamp
  /// The text with its line feed, if it had one.
  public let text: [UInt8]

  init(stream: LogStream, time: Timestamp, text: [UInt8]) {
    self.stream = stream
    self.time = time
    self.text = text
  }

  /// Reads a line of a log file; nil if it is torn.
  public init?(line: ArraySlice<UInt8>) {
    guard case .object(let object)? = try? JSONValue(parsing: Array(line)), case .string(let text)? = object["log"],
      case .string(let name)? = object["stream"], let stream = LogStream(rawValue: name), case .string(let moment)? = object["time"],
      let time = Timestamp(moment)
    else { return nil }
    self.init(stream: stream, time: time, text: Array(text.utf8))
  }

  /// Writes the entry as docker's json-file driver does, with a line feed. Bytes that are not UTF-8 become U+FFFD.
  func append(to line: inout [UInt8]) {
    line += #"{"log":""#.utf8
    if text.allSatisfy({ $0 < 0x80 }) {
      LogEntry.escape(text, &line)
    } else {
      LogEntry.escape(Array(String(decoding: text, as: UTF8.self).utf8), &line)
    }
    line += "\",\"stream\":\"\(stream.rawValue)\",\"time\":\"\(time)\"}\n".utf8
  }

  private static func escape(_ text: [UInt8], _ line: inout [UInt8]) {
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): line += [UInt8(ascii: "\\"), byte]
      case 10: line += #"\n"#.utf8
      case 13: line += #"\r"#.utf8
      case 9: line += #"\t"#.utf8
      case 0: line += #"\ufffd"#.utf8
      case 1..<32, 127: line += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
      default: line.append(byte)
      }
    }
  }
}
