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
    var owners: [SocketOwner] = []
    try find(inodes) { owner, _ in owners.append(owner) }
    return owners
  }

  /// The same for each socket by itself; those that nobody could be named for are left out.
  public static func bySocket(_ inodes: Set<UInt32>) throws(SystemError) -> [UInt32: [SocketOwner]] {
    var owners: [UInt32: [SocketOwner]] = [:]
    try find(inodes) { owner, held in for inode in held { owners[inode, default: []].append(owner) } }
    return owners
  }

  private static func find(_ inodes: Set<UInt32>, _ found: (SocketOwner, Set<UInt32>) -> Void) throws(SystemError) {
    var targets: [String: UInt32] = [:]
    for inode in inodes where inode != 0 { targets["socket:[\(inode)]"] = inode }
    guard !targets.isEmpty else { return }
    for process in try FileSystem.names(in: "/proc").compactMap({ Int32($0) }).sorted() {
      let folder = "/proc/\(process)"
      // A process that has ended, or that we may not look into, holds nothing that we can name.
      guard let files = try? FileSystem.names(in: "\(folder)/fd") else { continue }
      var held: Set<UInt32> = []
      for file in files { if let inode = target(of: "\(folder)/fd/\(file)").flatMap({ targets[$0] }) { held.insert(inode) } }
      guard !held.isEmpty else { continue }
      let command = (try? FileSystem.read("\(folder)/comm")) ?? [], arguments = (try? FileSystem.read("\(folder)/cmdline")) ?? []
      found(
        SocketOwner(
          process: process, command: String(decoding: command.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self),
          arguments: arguments.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }), held)
    }
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
