/// A path inside a layer or another folder that is being unpacked into, cut into its names. It can only lead downwards.
struct EntryPath: Hashable, CustomStringConvertible {
  /// The names from the root down; none for the root itself.
  let names: [Substring]

  init(names: [Substring]) { self.names = names }

  /// Takes a path as an archive has it. Throws for one that is absolute or has `..` in it.
  init(_ text: String) throws {
    guard !text.hasPrefix("/") || text.allSatisfy({ $0 == "/" }) else { throw ImageError(.badArchive, "it is an absolute path") }
    let names = text.split(separator: "/").filter { $0 != "." }
    guard !names.contains("..") else { throw ImageError(.badArchive, "it leads upwards by '..'") }
    guard names.allSatisfy({ $0.utf8.count <= 255 }) else { throw ImageError(.badArchive, "it has a name of more than 255 bytes") }
    guard names.count <= 256 else { throw ImageError(.badArchive, "it is more than 256 folders deep") }
    self.init(names: names)
  }

  /// The folder above; the root's is the root.
  var folder: EntryPath { EntryPath(names: names.dropLast()) }
  /// The last name; "." for the root.
  var name: String { names.last.map(String.init) ?? "." }
  var isRoot: Bool { names.isEmpty }
  /// The path relative to the root; "." for the root itself.
  var relative: String { names.isEmpty ? "." : names.joined(separator: "/") }

  var description: String { relative }
}
