import Glibc
import Linux

/// A thread that does one thing and has ended when this value exists.
final class Starter {
  private let body: () throws -> Int32
  private(set) var result = Result<Int32, any Error>.success(0)

  init(_ body: @escaping () throws -> Int32) throws {
    self.body = body
    var thread = pthread_t()
    let started = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let starter = Unmanaged<Starter>.fromOpaque(argument).takeUnretainedValue()
        starter.result = Result { try starter.body() }
        return nil
      }, Unmanaged.passUnretained(self).toOpaque())
    guard started == 0 else { throw SystemError(Errno(rawValue: started), "start a thread") }
    pthread_join(thread, nil)
  }
}

/// The controlling end of a terminal.
enum Terminal {
  /// Everything written to the terminal until its other end was closed by all.
  static func text(_ descriptor: Int32) -> String {
    var bytes: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &chunk, chunk.count)
      // EIO says that the last program has closed it.
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }
}
