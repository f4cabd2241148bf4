/// Finds the names that somebody may have meant.
public enum NearMatches {
  /// The names that differ by few letters or by their order, or begin with or contain the word, the nearest first; three at the most.
  public static func find(_ word: String, among names: [String]) -> [String] {
    let wanted = Array(word.lowercased().utf8)
    let limit = wanted.count < 4 ? 1 : max(2, wanted.count / 3)
    let rated = names.compactMap { (name) -> (distance: Int, name: String)? in
      let candidate = Array(name.lowercased().utf8)
      let distance = distance(wanted, candidate)
      if distance <= limit || wanted.sorted() == candidate.sorted() { return (distance, name) }
      let contains = wanted.count >= 2 && contains(candidate, wanted) || candidate.count >= 2 && contains(wanted, candidate)
      return contains ? (limit + distance, name) : nil
    }
    return rated.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(3).map(\.name)
  }

  /// ` (did you mean db1 or db2?)`, or nothing.
  public static func sentence(for word: String, among names: [String]) -> String {
    let near = find(word, among: names)
    return near.isEmpty ? "" : " (did you mean \(near.joined(separator: " or "))?)"
  }

  private static func contains(_ text: [UInt8], _ part: [UInt8]) -> Bool {
    part.count <= text.count && (0...(text.count - part.count)).contains { text[$0..<($0 + part.count)].elementsEqual(part) }
  }

  /// How many letters must be added, removed or replaced to make one text the other.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var row = Array(0...right.count)
    for (i, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in right.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[right.count]
  }
}
