internal import Glibc
internal import Linux

/// An image archive in an uncompressed tar file. A file is found by reading the headers before it; its data are passed over.
final class LayoutArchive: BlobPlace {
  /// Members more than any image has are refused.
  private static let maximumMembers = 1 << 16

  private enum Member {
    case file(Int)
    case link(String)
  }

  let name: String
  private let file: OwnedFile
  private var members: [String: Member] = [:]

  /// Reads the headers of a regular file.
  init(_ file: consuming OwnedFile, name: String) throws {
    self.name = name
    self.file = file
    let reader = try reader()
    var number = 0
    while let entry = try reader.next() {
      let name = try LayoutArchive.normal(entry.name(), below: "")
      switch entry.kind {
      case .file: members[name] = .file(number)
      case .link: members[name] = .link(try LayoutArchive.normal(entry.target(), below: FileSystem.folder(of: name)))
      case .hardLink: members[name] = .link(try LayoutArchive.normal(entry.target(), below: ""))
      default: break
      }
      number += 1
      guard number <= LayoutArchive.maximumMembers else {
        throw ImageError(.badArchive, "it has more than \(LayoutArchive.maximumMembers) members")
      }
    }
  }

  func open(_ path: String) throws -> (any ByteSource)? {
    var name = try LayoutArchive.normal(path, below: "")
    for _ in 0..<8 {
      switch members[name] {
      case nil: return nil
      case .link(let target): name = target
      case .file(let number): return try MemberSource(reader(), number: number)
      }
    }
    throw ImageError(.badArchive, "'\(path)' is a symbolic link to a symbolic link, again and again")
  }

  private func reader() throws -> ArchiveReader {
    // A file of its own has a position of its own.
    let again = try OwnedFile("/proc/self/fd/\(file.descriptor)")
    return try ArchiveReader(FileSource(again), .tar)
  }

  /// A path relative to the archive's root, without "." and "..".
  private static func normal(_ path: String, below folder: String) throws -> String {
    guard !path.hasPrefix("/") else { throw ImageError(.badArchive, "'\(path)' is an absolute path") }
    var names: [Substring] = []
    for name in "\(folder)/\(path)".split(separator: "/") where name != "." {
      if name != ".." {
        names.append(name)
      } else if names.popLast() == nil {
        throw ImageError(.badArchive, "'\(path)' leads out of the archive by '..'")
      }
    }
    return names.joined(separator: "/")
  }
}
