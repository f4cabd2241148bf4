/// What `/proc/PID/stat` tells of a process, proc(5).
public struct ProcessStatus: Equatable, Sendable {
  /// The program's name, at most 15 bytes; anybody may choose it.
  public let name: String
  /// The state's letter: `R`, `S`, `Z`…
  public let state: UInt8
  /// The parent's process ID; 0 if it has none in our PID namespace.
  public let parent: Int32
  /// When it started: clock ticks since the boot.
  public let startTime: UInt64

  /// A process that lives; nil if there is none with this number, also if it has ended and is only not reaped.
  public init?(running process: Int32) {
    guard process > 0, let content = try? FileSystem.readIfPresent("/proc/\(process)/stat", limit: 4096),
      let status = ProcessStatus(content), status.state != UInt8(ascii: "Z"), status.state != UInt8(ascii: "X")
    else { return nil }
    self = status
  }

  /// Reads the file's content. The name is in parentheses, and may itself hold blanks and parentheses.
  init?(_ content: [UInt8]) {
    guard let begin = content.firstIndex(of: UInt8(ascii: "(")), let end = content.lastIndex(of: UInt8(ascii: ")")), begin < end,
      end + 2 < content.count
    else { return nil }
    let words = content[(end + 2)...].split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    guard words.count > 19, let state = words[0].utf8.first, let parent = Int32(words[1]), let start = UInt64(words[19]) else { return nil }
    name = String(decoding: content[(begin + 1)..<end], as: UTF8.self)
    self.state = state
    self.parent = parent
    startTime = start
  }

  /// The words of a process's command line; none for a kernel thread and for a process that is gone.
  public static func commandLine(of process: Int32) -> [String] {
    guard let content = try? FileSystem.readIfPresent("/proc/\(process)/cmdline"), !content.isEmpty else { return [] }
    let text = content.last == 0 ? content.dropLast() : content[...]
    return text.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
  }
}
