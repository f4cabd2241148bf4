/// What a process in a container reads from and writes to.
public enum StandardStreams: Sendable, Equatable {
  /// Three open descriptors, which become 0, 1 and 2; they stay the caller's.
  case descriptors(input: Int32, output: Int32, errors: Int32)
  /// A terminal made in the container's own /dev/pts, of that size if it is known. The other end is the process's `terminal`.
  case terminal(rows: UInt16 = 0, columns: UInt16 = 0)

  /// This process's own streams.
  public static let inherited = StandardStreams.descriptors(input: 0, output: 1, errors: 2)

  var isTerminal: Bool { if case .terminal = self { true } else { false } }
}
