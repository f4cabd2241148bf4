internal import Linux

/// A container that another one is to know and reach: an entry `ID:alias` of a record's links.
struct ContainerLink: Hashable {
  /// The target's ID.
  let targetID: String
  /// How the linking container calls it.
  let alias: String

  /// Reads an entry.
  init?(_ text: String) {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    targetID = String(text[..<colon])
    alias = String(text[text.index(after: colon)...])
  }

  /// What marks the lines about the target in the linking container's hosts file.
  var mark: String { "link \(alias) \(targetID.prefix(12))" }

  /// Notes for the target that a running container is linked to it: the file `RUN/links/<target>/<source>` with all aliases.
  static func note(_ links: [ContainerLink], from source: String, _ places: Places) throws {
    for (target, links) in Dictionary(grouping: links, by: \.targetID) {
      let folder = folder(target, places)
      try FileSystem.createFolders(folder)
      try FileSystem.replace("\(folder)/\(source)", content: Array(links.map(\.alias).joined(separator: "\n").utf8))
    }
  }

  /// Takes back what `note` has noted.
  static func forget(_ links: [ContainerLink], from source: String, _ places: Places) throws {
    for target in Set(links.map(\.targetID)) {
      if try FileSystem.remove("\(folder(target, places))/\(source)") { try FileSystem.removeFolder(folder(target, places)) }
    }
  }

  /// The running containers that are linked to a target, with their links.
  static func sources(of target: String, _ places: Places) throws -> [(source: String, links: [ContainerLink])] {
    let folder = folder(target, places), names: [String]
    do { names = try FileSystem.names(in: folder) } catch {
      if error.code == .noEntry { return [] }
      throw error
    }
    return try names.filter { !$0.hasPrefix(".") }.map { source in
      let content = try FileSystem.readIfPresent("\(folder)/\(source)") ?? []
      let aliases = content.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
      return (source, aliases.compactMap { ContainerLink("\(target):\($0)") })
    }
  }

  private static func folder(_ target: String, _ places: Places) -> String { "\(places.run)/links/\(target)" }
}
