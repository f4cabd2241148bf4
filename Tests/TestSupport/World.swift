import JSON
import Linux

/// Everything that plugins can leave behind, as other people's tools show it, in lines that can be compared.
public struct World: Equatable {
  /// One line for each thing: where it is, what it is.
  public let lines: [String]

  /// Looks at the calling thread's namespace and at a container's, and at the files below the folders where plugins keep any.
  public init(container: TestNamespace?, folders: [String] = ["/var/lib/cni", "/run/cni"]) throws {
    var lines = try World.network("host")
    if let container { lines += try container.run { try World.network("container") } }
    lines += try World.rules()
    for folder in folders where FileSystem.isFolder(folder) { lines += try World.files(folder) }
    self.lines = lines.sorted()
  }

  /// What has come (+) and gone (-) since another look.
  public func changes(since before: World) -> [String] {
    let old = Set(before.lines), new = Set(lines)
    return new.subtracting(old).sorted().map { "+ \($0.prefix(300))" } + old.subtracting(new).sorted().map { "- \($0.prefix(300))" }
  }

  /// Values that change by themselves, or that only number things.
  private static let volatile: Set<String> = [
    "handle", "ifindex", "link_index", "link_netnsid", "valid_life_time", "preferred_life_time", "packets", "bytes", "expires", "operstate",
    "index", "position", "metainfo", "flags",
  ]

  private static func network(_ place: String) throws -> [String] {
    try ["-d link", "addr", "-4 route show table all", "-6 route show table all", "-4 rule", "-6 rule"].flatMap { query in
      let output = try Command.run("ip -j \(query)")
      return try output.text.isEmpty ? [] : output.json.elements.map { "\(place) \(query): \(stable($0).text)" }
    }
  }

  private static func rules() throws -> [String] {
    let ruleset = try Command.run("nft -j list ruleset").json["nftables"].elements.map { "nft: \(stable($0).text)" }
    return ruleset + (try connections())
  }

  /// Tracked connections by their addresses and ports, without the kernel's own reports of multicast membership.
  private static func connections() throws -> [String] {
    try Command.attempt(["conntrack", "-L"]).text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").filter { word in ["src=", "dst=", "sport=", "dport="].contains { word.hasPrefix($0) } }
      if words.contains(where: { $0.hasPrefix("dst=224.0.0.") || $0.hasPrefix("dst=ff02:") }) { return nil }
      return "conntrack: \(words.joined(separator: " "))"
    }
  }

  private static func files(_ folder: String) throws -> [String] {
    var lines: [String] = []
    for name in try FileSystem.names(in: folder) {
      let path = "\(folder)/\(name)"
      if FileSystem.isFolder(path) {
        lines += try files(path)
      } else {
        // Round robin goes on from the last address, whatever became of it.
        let content = name.hasPrefix("last_reserved_ip") ? "" : String(decoding: try FileSystem.read(path), as: UTF8.self)
        lines.append("file \(path): \(JSONValue.string(content).text)")
      }
    }
    return lines
  }

  private static func stable(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let object):
      .object(
        JSONObject(
          object.members.filter { !volatile.contains($0.name) && !$0.name.hasSuffix("_timer") }.map { ($0.name, stable($0.value)) }))
    case .array(let elements): .array(elements.map(stable).sorted { $0.text < $1.text })
    default: value
    }
  }
}
