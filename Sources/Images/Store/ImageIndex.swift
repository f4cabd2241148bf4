internal import JSON

/// Which images there are, and what they are called.
struct ImageIndex: Equatable {
  /// The images' IDs.
  var images: Set<Digest> = []
  /// IDs by canonical names with tags.
  var names: [String: Digest] = [:]
  /// IDs by canonical names with the digests of manifests.
  var manifests: [String: Digest] = [:]

  init() {}

  init(_ object: JSONObject) throws {
    images = Set(try JSONText.strings(object["images"] ?? [], "images").map(ImageIndex.digest))
    names = try ImageIndex.table(object, "names")
    manifests = try ImageIndex.table(object, "manifests")
  }

  var json: JSONValue {
    .object(
      JSONObject([
        ("images", .array(images.map(\.description).sorted().map(JSONValue.string))), ("names", ImageIndex.value(names)),
        ("manifests", ImageIndex.value(manifests)),
      ]))
  }

  /// The names of an image, as docker prints them, sorted.
  func names(of id: Digest) -> [String] { familiar(names, id) }
  /// `name@sha256:…` of an image, sorted.
  func manifests(of id: Digest) -> [String] { familiar(manifests, id) }

  private func familiar(_ table: [String: Digest], _ id: Digest) -> [String] {
    table.filter { $0.value == id }.map { (try? ImageReference($0.key).description) ?? $0.key }.sorted()
  }

  private static func table(_ object: JSONObject, _ name: String) throws -> [String: Digest] {
    guard let value = object[name] else { return [:] }
    guard case .object(let members) = value else { throw ImageError(.invalid, "\(name): expected an object, found \(value.kind)") }
    var table: [String: Digest] = [:]
    for member in members.members { table[member.name] = try digest(JSONText.string(member.value, name)) }
    return table
  }

  private static func digest(_ text: String) throws -> Digest {
    guard let digest = Digest(text) else { throw ImageError(.invalid, "expected an image ID, found '\(text)'") }
    return digest
  }

  private static func value(_ table: [String: Digest]) -> JSONValue {
    .object(JSONObject(table.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value.description)) }))
  }
}
