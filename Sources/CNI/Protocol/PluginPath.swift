internal import Glibc

/// The folders that plugins are looked up in, the first one first: CNI_PATH.
public struct PluginPath: Equatable, Sendable, CustomStringConvertible {
  /// The folders with colons between them, as CNI_PATH writes them.
  public let description: String

  /// Reads the value of CNI_PATH.
  public init(_ text: String) { description = text }

  /// The folders; empty parts are left out.
  public var folders: [String] { description.split(separator: ":").map { String($0) } }

  /// The path of the first regular file with the given name; nil if no folder has one.
  public func find(_ type: String) -> String? {
    folders.lazy.map { "\($0)/\(type)" }.first { path in
      var status = stat()
      return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
  }
}
