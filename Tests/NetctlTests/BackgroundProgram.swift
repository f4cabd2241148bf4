import CLinux
import Glibc
import Linux
import TestSupport

/// A program that a test started and goes on beside, in the test's namespaces, and whose output is read line by line. It is killed with its owner.
final class BackgroundProgram {
  private let processID: pid_t
  private let output: OwnedFile
  private var rest: [UInt8] = []
  private var status: Int32?

  /// Starts a program, found in PATH, with further variables in its environment.
  init(_ words: [String], _ variables: [String: String] = [:]) throws {
    guard let path = Command.find(words[0]) else { throw Command.Failure(description: "\(words[0]): not found") }
    var ends: [Int32] = [0, 0]
    guard clinux_pipe(&ends) == 0 else { throw SystemError(.last, "make a pipe") }
    output = OwnedFile(adopting: ends[0])
    let input = OwnedFile(adopting: ends[1])
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, input.descriptor, 1)
    posix_spawn_file_actions_adddup2(&actions, input.descriptor, 2)
    var arguments = words.map { strdup($0) } + [nil]
    let described = variables.map { "\($0.key)=\($0.value)" } + ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
    var environment = described.map { strdup($0) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, path, &actions, nil, &arguments, &environment)
    guard failure == 0 else { throw Command.Failure(description: "\(words): \(String(cString: strerror(failure)))") }
    processID = pid
  }

  deinit { if status == nil { end(SIGKILL) } }

  /// The next line, which must come.
  func line() throws -> String {
    let deadline = Deadline(milliseconds: Int32(Patience.forAnswer.rawValue))
    while true {
      if let end = rest.firstIndex(of: 10) {
        let line = String(decoding: rest[..<end], as: UTF8.self)
        rest.removeFirst(end + 1)
        return line
      }
      var wait = pollfd(fd: output.descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&wait, 1, deadline.remaining) > 0 else { throw Command.Failure(description: "no line in time after \(rest.count) bytes") }
      var buffer = [UInt8](repeating: 0, count: 65536)
      let count = read(output.descriptor, &buffer, buffer.count)
      guard count > 0 else { throw Command.Failure(description: "the program has ended; it said \(String(decoding: rest, as: UTF8.self))") }
      rest += buffer[..<count]
    }
  }

  /// The next line for which `isMeant` answers true; others before it are passed over.
  func line(where isMeant: (String) throws -> Bool) throws -> String {
    while true {
      let line = try line()
      if try isMeant(line) { return line }
    }
  }

  /// Sends a signal that does not end it.
  func send(_ signal: Int32) { kill(processID, signal) }

  /// Sends a signal, and answers the exit status, or 128 + the number of the signal that ended it.
  @discardableResult
  func end(_ signal: Int32 = SIGTERM) -> Int32 {
    kill(processID, signal)
    var ended: Int32 = 0
    while waitpid(processID, &ended, 0) < 0, errno == EINTR {}
    let result = ended & 0x7f == 0 ? ended >> 8 & 0xff : 128 + ended & 0x7f
    status = result
    return result
  }
}
