import Glibc
import Linux
import TestSupport

/// A program that goes on beside the test, in the namespaces of the calling thread; what it prints is read at its end.
final class Background {
  private let processID: pid_t
  private let file: String

  init(_ line: String) throws {
    let words = line.split(separator: " ").map(String.init)
    file = "/run/background.\(UInt32.random(in: 0 ... .max))"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for descriptor in Int32(1)...2 { posix_spawn_file_actions_addopen(&actions, descriptor, file, O_WRONLY | O_CREAT | O_APPEND, 0o644) }
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, Command.find(words[0]) ?? words[0], &actions, nil, &arguments, environ)
    guard failure == 0 else { throw Command.Failure(description: "\(line): \(String(cString: strerror(failure)))") }
    processID = pid
  }

  /// Waits for the end, and answers everything printed.
  func wait() throws -> String {
    var status: Int32 = 0
    while waitpid(processID, &status, 0) < 0, errno == EINTR {}
    return String(decoding: try FileSystem.read(file), as: UTF8.self)
  }
}
