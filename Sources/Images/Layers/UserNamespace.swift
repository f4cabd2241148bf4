internal import Glibc
internal import Linux

/// The user namespace that this process is in, user_namespaces(7).
enum UserNamespace {
  /// Whether it is the machine's own, in which all IDs are what they are.
  private static let isInitial: Bool = {
    // Without the file the kernel has no user namespaces.
    guard let map = try? FileSystem.read("/proc/self/uid_map", limit: 4096) else { return true }
    return String(decoding: map, as: UTF8.self).split(whereSeparator: \.isWhitespace) == ["0", "0", "4294967295"]
  }()

  /// Whether the process is the machine's root: it may give files to anybody, and its overlays keep their notes in trusted attributes. All others
  /// mount overlays in a user namespace only.
  static let isMachineRoot = isInitial && geteuid() == 0
}
