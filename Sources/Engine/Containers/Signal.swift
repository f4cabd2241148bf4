internal import Glibc

/// A signal by docker's notations.
public struct Signal: Hashable, Sendable {
  /// The kernel's number.
  public let number: Int32

  /// Makes a signal of its number.
  public init(number: Int32) { self.number = number }

  /// SIGTERM
  public static let terminate = Signal(number: SIGTERM)
  /// SIGKILL
  public static let kill = Signal(number: SIGKILL)

  /// Reads `KILL`, `SIGKILL`, `9`, `RTMIN+3`; throws in docker's words.
  public init(_ text: String) throws(EngineError) {
    var name = text.uppercased()
    if name.hasPrefix("SIG") { name.removeFirst(3) }
    if let number = Int32(text), (1...64).contains(number) {
      self.number = number
    } else if let index = Signal.names.firstIndex(of: name), !name.isEmpty {
      number = Int32(index)
    } else if name.hasPrefix("RTMIN"), let offset = name == "RTMIN" ? 0 : Int32(name.dropFirst(5)), (0...30).contains(offset) {
      number = 34 + offset
    } else if name.hasPrefix("RTMAX"), let offset = name == "RTMAX" ? 0 : Int32(name.dropFirst(5)), (-30...0).contains(offset) {
      number = 64 + offset
    } else {
      throw EngineError("Invalid signal: \(text)")
    }
  }

  /// `SIGKILL`
  public var name: String { number < Signal.names.count ? "SIG\(Signal.names[Int(number)])" : "SIGRTMIN+\(number - 34)" }

  /// By number, signal(7) for x86 and ARM.
  private static let names = [
    "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD",
    "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
  ]
}
