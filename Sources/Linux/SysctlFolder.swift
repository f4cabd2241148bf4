/// A folder of the `net` part of sysctl(8), of the network namespace in which it was opened.
///
/// What `/proc/sys/net` shows depends on who looks. A folder below it that belongs to one namespace, such as `ipv4/conf`, keeps showing that
/// namespace once it is open; folders above, such as `ipv4`, lead to the reader's own.
public struct SysctlFolder: ~Copyable {
  private let path: String
  private let folder: OwnedFile

  /// Opens a folder relative to `/proc/sys/net`, as the calling thread's network namespace shows it; the empty path is `net` itself.
  public init(_ path: String = "") throws(SystemError) {
    self.path = path.isEmpty ? "net" : "net/\(path)"
    folder = try OwnedFile("/proc/sys/\(self.path)", flags: [.place, .folder])
  }

  /// Opens a folder unless there is none, because the kernel lacks the protocol.
  public static func ifPresent(_ path: String) throws(SystemError) -> SysctlFolder? {
    do { return try SysctlFolder(path) } catch {
      if error.code == .noEntry { return nil }
      throw error
    }
  }

  /// Reads a value without its line end. `name` is relative to the folder, with slashes: `eth0/forwarding`.
  public func read(_ name: String) throws(SystemError) -> String {
    do {
      let bytes = try OwnedFile(name, in: folder).readToEnd(limit: 65536)
      let text = String(decoding: bytes, as: UTF8.self)
      return text.hasSuffix("\n") ? String(text.dropLast()) : text
    } catch { throw SystemError(error.code, "read sysctl \(path)/\(name)") }
  }

  /// Writes a value.
  public func write(_ name: String, _ value: String) throws(SystemError) {
    do { try OwnedFile(name, in: folder, flags: .writeOnly).write(Array(value.utf8)) } catch {
      throw SystemError(error.code, "write \(value) to sysctl \(path)/\(name)")
    }
  }

  /// Writes a value unless it is already there: a read needs no permission, a write does.
  public func ensure(_ name: String, _ value: String) throws(SystemError) {
    if try read(name) != value { try write(name, value) }
  }
}
