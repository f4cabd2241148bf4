/// The `net` part of sysctl(8) of one network namespace.
///
/// What `/proc/sys/net` shows depends on who opens it; the open folder keeps showing the same namespace afterwards.
public struct SysctlFolder: ~Copyable {
  private let folder: OwnedFile

  /// Opens `/proc/sys/net` as the calling thread's network namespace shows it.
  public init() throws(SystemError) { folder = try OwnedFile("/proc/sys/net", flags: [.place, .folder]) }

  /// Reads a value without its line end. `path` is relative to `net`, with slashes: `ipv4/conf/eth0/forwarding`.
  public func read(_ path: String) throws(SystemError) -> String {
    do {
      let bytes = try OwnedFile(path, in: folder).readToEnd(limit: 65536)
      let text = String(decoding: bytes, as: UTF8.self)
      return text.hasSuffix("\n") ? String(text.dropLast()) : text
    } catch { throw SystemError(error.code, "read sysctl net/\(path)") }
  }

  /// Writes a value.
  public func write(_ path: String, _ value: String) throws(SystemError) {
    do { try OwnedFile(path, in: folder, flags: .writeOnly).write(Array(value.utf8)) } catch {
      throw SystemError(error.code, "write \(value) to sysctl net/\(path)")
    }
  }

  /// Writes a value unless it is already there: a read needs no permission, a write does.
  public func ensure(_ path: String, _ value: String) throws(SystemError) {
    if try read(path) != value { try write(path, value) }
  }
}
