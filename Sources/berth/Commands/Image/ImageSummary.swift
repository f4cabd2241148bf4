internal import Engine
internal import Images
internal import JSON

/// Images as lines of `image ls`: one for each name.
struct ImageSummary {
  let store: ImageStore
  /// How many containers were made from each image.
  let users: [String: Int]
  let truncates: Bool

  /// docker's fields for templates, a row for each of the names; one row of `<none>` if the image has none.
  func rows(_ image: Image, names: [String], now: Timestamp = .now()) throws -> [JSONObject] {
    let created = Timestamp(image.created)
    let age = created.map { "\(Duration(nanoseconds: max(0, now.nanoseconds - $0.nanoseconds)).inWords) ago" } ?? "N/A"
    let size = ByteCount.decimal(UInt64(try store.size(of: image)))
    return names.isEmpty && !image.names.isEmpty
      ? []
      : (names.isEmpty ? ["<none>:<none>"] : names).map { name in
        let (repository, tag) = ImageSummary.split(name)
        let digest = image.digests.first { $0.hasPrefix("\(repository)@") }.map { String($0.dropFirst(repository.count + 1)) }
        return JSONObject([
          ("Repository", .string(repository)), ("Tag", .string(tag)), ("Digest", .string(digest ?? "<none>")),
          ("ID", .string(truncates ? image.shortID : image.id)), ("CreatedSince", .string(age)),
          ("CreatedAt", .string(created.map(ImageSummary.text) ?? "N/A")), ("Size", .string(size)),
          ("Containers", .string("\(users[image.id, default: 0])")),
          ("SharedSize", "N/A"), ("UniqueSize", "N/A"), ("VirtualSize", .string(size)),
        ])
      }
  }

  /// `2026-01-02 15:04:05 +0000 UTC`, as Go prints a time.
  static func text(_ moment: Timestamp) -> String {
    let text = moment.description
    return "\(text.prefix(10)) \(text.dropFirst(11).prefix(8)) +0000 UTC"
  }

  /// A name's repository and tag.
  static func split(_ name: String) -> (repository: String, tag: String) {
    guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return (name, "<none>") }
    return (String(name[..<colon]), String(name[name.index(after: colon)...]))
  }
}
