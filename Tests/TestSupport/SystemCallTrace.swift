import Linux

/// The system calls of one program run, as strace(1) tells them, and which of them changed something.
public struct SystemCallTrace {
  /// One system call of the traced process.
  public struct Call: Sendable, CustomStringConvertible {
    /// Its name: `sendto`.
    public let name: String
    /// Which call of that name it was, from 1: what strace's `when=` counts.
    public let occurrence: Int
    /// The whole line.
    public let line: String

    /// `sendto #3`
    public var description: String { "\(name) #\(occurrence)" }

    /// Whether the call changes the state of the world, be it a file's or the kernel's.
    public var changesSomething: Bool {
      if line.contains(" = -1 ") { return false }
      switch name {
      case "sendto", "sendmsg", "rename", "renameat", "renameat2", "unlink", "unlinkat", "link", "linkat", "symlink", "symlinkat", "mkdir",
        "mkdirat", "rmdir", "setns", "mount", "umount2", "ftruncate", "clone", "clone3", "fork", "vfork", "flock", "fsync", "chmod",
        "fchmod":
        return true
      case "write", "pwrite64", "writev": return !line.contains("(1, ") && !line.contains("(2, ")
      case "open", "openat": return line.contains("O_CREAT") || line.contains("O_TMPFILE") || line.contains("O_TRUNC")
      default: return false
      }
    }

    /// What the call may fail with in real life.
    public var possibleErrors: [String] {
      switch name {
      case "sendto", "sendmsg": ["ENOBUFS", "ENOMEM", "EINTR"]
      case "open", "openat", "mkdir", "mkdirat", "link", "linkat", "rename", "renameat", "renameat2", "write", "pwrite64", "writev",
        "symlink":
        ["ENOSPC", "EINTR"]
      case "unlink", "unlinkat", "rmdir": ["EROFS", "EIO"]
      case "flock": ["EINTR", "ENOLCK"]
      default: ["ENOMEM"]
      }
    }
  }

  /// All calls after the program has been loaded, in their order.
  public let calls: [Call]

  /// Reads what `strace -o` wrote of a single process.
  public init(file: String) throws {
    var occurrences: [Substring: Int] = [:]
    var calls: [Call] = []
    for line in String(decoding: try FileSystem.read(file), as: UTF8.self).split(separator: "\n") {
      guard let end = line.firstIndex(of: "("), line.first != "+", line.first != "-" else { continue }
      let name = line[..<end]
      occurrences[name, default: 0] += 1
      calls.append(Call(name: String(name), occurrence: occurrences[name] ?? 0, line: String(line)))
    }
    self.calls = calls
  }
}
