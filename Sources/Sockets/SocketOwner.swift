import Glibc
public import Linux

/// A process that holds a socket open.
public struct SocketOwner: Hashable, Sendable {
  /// The process ID.
  public let process: Int32
  /// The program's short name, at most 15 bytes (/proc/PID/comm).
  public let command: String
  /// The program's arguments, its own name first; empty for a process that is ending.
  public let arguments: [String]

  /// Finds every process that holds one of the sockets, by reading all processes' open files in /proc; so only when somebody must be named.
  ///
  /// Processes of other users are seen only with CAP_SYS_PTRACE, and those of another PID namespace not at all: an empty answer means that
  /// nobody could be named. Sorted by process ID.
  public static func holding(_ inodes: Set<UInt32>) throws(SystemError) -> [SocketOwner] {
    let targets = Set(inodes.filter { $0 != 0 }.map { "socket:[\($0)]" })
    guard !targets.isEmpty else { return [] }
    var owners: [SocketOwner] = []
    for process in try FileSystem.names(in: "/proc").compactMap({ Int32($0) }).sorted() {
      let folder = "/proc/\(process)"
      // A process that has ended, or that we may not look into, holds nothing that we can name.
      guard let files = try? FileSystem.names(in: "\(folder)/fd"),
        files.contains(where: { target(of: "\(folder)/fd/\($0)").map(targets.contains) ?? false })
      else { continue }
      let command = (try? FileSystem.read("\(folder)/comm")) ?? [], arguments = (try? FileSystem.read("\(folder)/cmdline")) ?? []
      owners.append(
        SocketOwner(
          process: process, command: String(decoding: command.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self),
          arguments: arguments.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }))
    }
    return owners
  }

  /// Where a symbolic link of /proc points; nil if it is gone. A socket's is short.
  private static func target(of path: String) -> String? {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      // readlink writes at most as many bytes as the buffer has, and no zero at the end.
      guard let start = buffer.baseAddress else { return nil }
      let count = unsafe readlink(path, start, buffer.count)
      guard count > 0 else { return nil }
      return unsafe String(decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<count]), as: UTF8.self)
    }
  }
}

extension SocketOwner: CustomStringConvertible {
  /// `nginx (process 123)`
  public var description: String { "\(command) (process \(process))" }
}
