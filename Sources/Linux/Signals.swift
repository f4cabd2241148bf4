import CLinux
import Glibc

/// Signals to this process, taken one by one instead of ending it: signalfd(2).
public struct Signals: ~Copyable {
  private let file: OwnedFile

  /// Takes over these signals, for this thread and those that it starts.
  public init(_ numbers: [Int32]) throws(SystemError) {
    // The array has as many elements as the count says.
    let descriptor = unsafe clinux_signals(numbers, Int32(numbers.count))
    guard descriptor >= 0 else { throw SystemError(Errno(rawValue: -descriptor), "wait for signals") }
    file = OwnedFile(adopting: descriptor)
  }

  /// For poll(2).
  public var descriptor: Int32 { file.descriptor }

  /// The next one that has come.
  public func next() -> Int32? {
    let number = clinux_next_signal(file.descriptor)
    return number > 0 ? number : nil
  }
}
