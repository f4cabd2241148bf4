internal import Linux

/// A container's /etc/hosts. Lines about another container end in a comment that says why they are there, so that they can be replaced alone, and
/// what somebody wrote in the container stays.
struct HostsFile {
  /// What every container's file begins with.
  static let base = """
    127.0.0.1\tlocalhost
    ::1\tlocalhost ip6-localhost ip6-loopback
    fe00::\tip6-localnet
    ff00::\tip6-mcastprefix
    ff02::1\tip6-allnodes
    ff02::2\tip6-allrouters

    """

  private let folder: String

  /// The file in a container's folder.
  init(folder: String) { self.folder = folder }

  /// Replaces all lines with a mark by others; a container that has no file, because it is gone, has nothing to replace.
  func replace(_ mark: String, with lines: [String]) throws {
    guard let folder = try Folder(ifPresent: folder), let content = try folder.content(of: "hosts") else { return }
    let ending = Array("\t# \(mark)".utf8)
    var kept = content.split(separator: UInt8(ascii: "\n")).filter { !$0.reversed().starts(with: ending.reversed()) }.map { Array($0) }
    kept += lines.map { Array($0.utf8) + ending }
    let text = Array(kept.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
    if text != content { try folder.overwrite("hosts", content: text) }
  }

  /// A line for each address: the names behind it, each once.
  static func lines(_ addresses: [String], _ names: [String]) -> [String] {
    var seen: Set<String> = []
    let names = names.filter { !$0.isEmpty && seen.insert($0).inserted }
    return addresses.map { address in "\(address.prefix { $0 != "/" })\t\(names.joined(separator: " "))" }
  }
}
