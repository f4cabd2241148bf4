import Glibc
import Linux
import TestSupport

@testable import Cgroups

/// A program that runs in a cgroup while the test goes on, and talks with it by lines.
final class Member {
  let id: Int32
  private let stream: OwnedFile
  private var ended: Int32?

  /// Starts a shell script in the cgroup. The shell joins as a container's init does: it writes 0 for itself.
  init(_ script: String, in cgroup: Cgroup) throws {
    let files = cgroup.taskFiles + (cgroup.unifiedFolder.map { ["\($0)/cgroup.procs"] } ?? [])
    let words = ["/bin/sh", "-c", files.map { "echo 0 > \($0) || exit\n" }.joined() + "echo joined\n" + script]
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw SystemError(.last, "make a socket pair")
    }
    let stream = OwnedFile(adopting: ends[0]), other = OwnedFile(adopting: ends[1])
    var actions = posix_spawn_file_actions_t(), id: pid_t = 0
    posix_spawn_file_actions_init(&actions)
    posix_spawn_file_actions_adddup2(&actions, other.descriptor, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, other.descriptor, STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    let arguments = words.map { strdup($0) } + [nil]
    let failure = posix_spawn(&id, words[0], &actions, nil, arguments, environ)
    for argument in arguments { free(argument) }
    posix_spawn_file_actions_destroy(&actions)
    if failure != 0 { throw SystemError(Errno(rawValue: failure), "run \(words[0])") }
    self.id = id
    self.stream = stream
    guard line() == "joined" else { throw Command.Failure(description: "the member of a test could not join \(files)") }
  }

  deinit {
    if ended == nil { kill(id, SIGKILL) }
    _ = status()
  }

  /// The next line that it writes, or nil at the end of its stream.
  func line() -> String? {
    var bytes: [UInt8] = [], byte: UInt8 = 0
    while read(stream.descriptor, &byte, 1) == 1 {
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return nil
  }

  func say(_ line: String) throws { try stream.write(Array("\(line)\n".utf8)) }

  /// Whether it has something to say, after so many milliseconds at most.
  func speaks(within milliseconds: Int32) throws -> Bool {
    try stream.wait(for: Int16(POLLIN), until: Deadline(milliseconds: milliseconds))
  }

  /// Waits for its end: its exit status, or 128 + the signal that ended it.
  func status() -> Int32 {
    if let ended { return ended }
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0 && errno == EINTR {}
    let result = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + (status & 0x7F)
    ended = result
    return result
  }
}
