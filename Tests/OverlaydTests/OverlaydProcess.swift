import Glibc
import Linux
import TestSupport

/// A running overlayd in a namespace. Killed when the value goes.
final class OverlaydProcess {
  /// The executable from the same build as the tests: a release of it would take minutes to build.
  static let executable = "\(PluginRunner.productFolder)/overlayd"

  let processID: pid_t
  let logFile: String
  private var isWaitedFor = false

  /// Starts the program; what it says is appended to a file.
  init(_ options: [String], in namespace: TestNamespace, logFile: String) throws {
    self.logFile = logFile
    processID = try namespace.run { try OverlaydProcess.start([OverlaydProcess.executable] + options, logFile) }
  }

  deinit { end(SIGKILL) }

  private static func start(_ words: [String], _ logFile: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for descriptor in Int32(1)...2 { posix_spawn_file_actions_addopen(&actions, descriptor, logFile, O_WRONLY | O_CREAT | O_APPEND, 0o644) }
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, words[0], &actions, nil, &arguments, environ)
    guard failure == 0 else { throw Command.Failure(description: "\(words): \(String(cString: strerror(failure)))") }
    return pid
  }

  /// Sends a signal and waits for the end; answers the exit status, or 128 + the signal that ended it.
  @discardableResult
  func end(_ signal: Int32) -> Int32 {
    if isWaitedFor { return 0 }
    isWaitedFor = true
    kill(processID, signal)
    var status: Int32 = 0
    while waitpid(processID, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
  }

  /// Whether it is still there.
  var isRunning: Bool {
    var information = siginfo_t()
    return waitid(P_PID, id_t(processID), &information, WEXITED | WNOHANG | WNOWAIT) == 0 && information._sifields._sigchld.si_pid == 0
  }

  /// Everything said so far.
  var log: String { (try? FileSystem.read(logFile)).map { String(decoding: $0, as: UTF8.self) } ?? "" }
}
