/// One message between a supervisor and a command: a type, the length of the content in 32 bits, the lowest byte first, the content.
public enum Frame: Equatable, Sendable {
  /// A command says what it wants; always its first message.
  case hello(Wishes)
  /// Bytes for the container's standard input.
  case input([UInt8])
  /// The standard input has ended.
  case inputEnd
  /// The command's terminal has this size now.
  case size(rows: UInt16, columns: UInt16)
  /// The record has changed; above all, the container is not to be started again.
  case look

  /// The container's program runs.
  case started
  /// The container could not be started; the exit code and one sentence.
  case failed(Int32, String)
  /// Bytes of the container's standard output.
  case output([UInt8])
  /// Bytes of the container's standard error.
  case errors([UInt8])
  /// The container's process has ended with this exit code, and what belonged to it has been cleaned up.
  case ended(Int32)

  /// What a command wants of a supervisor.
  public struct Wishes: OptionSet, Sendable {
    /// Bits of our own.
    public let rawValue: UInt8
    /// Makes a set of bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// To get what the container prints from now on.
    public static let output = Wishes(rawValue: 1)
    /// To give the standard input.
    public static let input = Wishes(rawValue: 2)
  }

  /// The message as bytes.
  var bytes: [UInt8] {
    switch self {
    case .hello(let wishes): Frame.pack(0, [wishes.rawValue])
    case .input(let data): Frame.pack(1, data)
    case .inputEnd: Frame.pack(2, [])
    case .size(let rows, let columns): Frame.pack(3, Frame.bytes(UInt32(rows) << 16 | UInt32(columns)))
    case .look: Frame.pack(4, [])
    case .started: Frame.pack(16, [])
    case .failed(let code, let sentence): Frame.pack(17, Frame.bytes(UInt32(bitPattern: code)) + sentence.utf8)
    case .output(let data): Frame.pack(18, data)
    case .errors(let data): Frame.pack(19, data)
    case .ended(let code): Frame.pack(20, Frame.bytes(UInt32(bitPattern: code)))
    }
  }

  /// Reads a message of a type and its content; nil for what no version of berth sends.
  init?(type: UInt8, content: ArraySlice<UInt8>) {
    let number = content.count >= 4 ? Frame.number(content) : nil
    switch (type, number) {
    case (0, _): self = .hello(Wishes(rawValue: content.first ?? 0))
    case (1, _): self = .input(Array(content))
    case (2, _): self = .inputEnd
    case (3, let size?): self = .size(rows: UInt16(size >> 16), columns: UInt16(truncatingIfNeeded: size))
    case (4, _): self = .look
    case (16, _): self = .started
    case (17, let code?): self = .failed(Int32(bitPattern: code), String(decoding: content.dropFirst(4), as: UTF8.self))
    case (18, _): self = .output(Array(content))
    case (19, _): self = .errors(Array(content))
    case (20, let code?): self = .ended(Int32(bitPattern: code))
    default: return nil
    }
  }

  static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) } }

  private static func bytes(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }

  private static func pack(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
    [type] + bytes(UInt32(content.count)) + content
  }
}
