import Glibc
import Linux

/// A program that a test starts in its own namespaces and lets run: a server. It is killed with the value.
public final class BackgroundProgram {
  /// Its number.
  public let process: Int32
  /// The file with all it has said.
  public let log: String
  private var hasEnded = false

  /// Starts a program found in PATH; what it says goes to the end of `log`.
  public init(_ words: [String], log: String, environment: [String: String] = [:]) throws {
    guard let path = Command.find(words[0]) else { throw Command.Failure(description: "\(words[0]): not found in PATH") }
    self.log = log
    var actions = posix_spawn_file_actions_t(), attributes = posix_spawnattr_t(), id: pid_t = 0
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    let variables = environment.map { "\($0.key)=\($0.value)" } + ["PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"]
    let failure = BackgroundProgram.withCStrings(words) { arguments in
      BackgroundProgram.withCStrings(variables) { posix_spawn(&id, path, &actions, &attributes, arguments, $0) }
    }
    guard failure == 0 else { throw SystemError(Errno(rawValue: failure), "start \(path)") }
    process = id
  }

  /// All it has said until now.
  public var text: String { (try? FileSystem.read(log)).map { String(decoding: $0, as: UTF8.self) } ?? "" }

  /// Sends a signal.
  public func signal(_ number: Int32) { kill(process, number) }

  /// Asks it to end, and waits for that.
  public func end() { end(SIGTERM) }

  /// Sends a signal that ends it, and waits for that.
  public func end(_ number: Int32) {
    guard !hasEnded else { return }
    kill(process, number)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && Errno.last == .interrupted {}
    hasEnded = true
  }

  deinit { end(SIGKILL) }

  private static func withCStrings<Result>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
    let copies = strings.map { strdup($0) }
    defer { copies.forEach { free($0) } }
    return body(copies + [nil])
  }
}
