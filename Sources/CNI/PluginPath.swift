internal import Glibc

/// The folders that plugins are looked up in, the first one first: CNI_PATH.
public struct PluginPath: Equatable, Sendable {
  /// The folders.
  public let folders: [String]

  /// A path of the given folders; empty ones are left out.
  public init(_ folders: [String]) { self.folders = folders.filter { !$0.isEmpty } }

  /// The path of the first regular file with the given name; nil if no folder has one.
  public func find(_ type: String) -> String? {
    folders.lazy.map { "\($0)/\(type)" }.first { path in
      var status = stat()
      return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
  }
}
