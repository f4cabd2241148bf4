import Glibc
import TestSupport

/// A program that a test started and goes on beside; in the test's namespaces.
struct BackgroundCommand {
  let processID: pid_t

  /// Starts a program, found by its path, that reads and prints nothing.
  init(_ words: [String]) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in Int32(0)...2 { posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0) }
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, words[0], &actions, nil, &arguments, environ)
    guard failure == 0 else { throw Command.Failure(description: "\(words): \(String(cString: strerror(failure)))") }
    processID = pid
  }

  /// Waits for the end, and answers the exit status, or 128 + the signal's number.
  func wait() -> Int32 {
    var status: Int32 = 0
    while waitpid(processID, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
  }

  /// Whether it has ended; it is still to be waited for.
  var hasEnded: Bool {
    var information = siginfo_t()
    return waitid(P_PID, id_t(processID), &information, WEXITED | WNOHANG | WNOWAIT) == 0 && information._sifields._sigchld.si_pid != 0
  }
}
