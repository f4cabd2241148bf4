import NFTables

/// What is in the kernel at some places, read a few requests at a time or, where many of one set are wanted, as a whole.
struct Snapshot {
  private var elements: [Entry.Place: Element] = [:]
  private var asked: Set<Entry.Place> = []
  private var whole: Set<String> = []

  /// Above this number of keys, a set is read as a whole: a request costs about as much as ten elements of a list.
  private static let manyKeys = 64

  /// Reads the elements at places that have not been read yet.
  mutating func read(_ places: [Entry.Place], from ruleset: inout Ruleset) throws {
    var missing: [Entry.Place] = []
    for place in places where !whole.contains(place.set.name) && asked.insert(place).inserted { missing.append(place) }
    if missing.count > Snapshot.manyKeys {
      for (name, count) in missing.reduce(into: [String: Int](), { $0[$1.set.name, default: 0] += 1 }) where count > Snapshot.manyKeys {
        guard let set = missing.first(where: { $0.set.name == name })?.set else { continue }
        try read(set, from: &ruleset)
        missing.removeAll { $0.set.name == name }
      }
    }
    for (place, element) in zip(missing, try ruleset.elements(missing.map { ($0.key, $0.set) })) { elements[place] = element }
  }

  /// Reads all elements of a set; answers them.
  @discardableResult
  mutating func read(_ set: NamedSet, from ruleset: inout Ruleset) throws -> [Element] {
    if whole.insert(set.name).inserted {
      for place in elements.keys where place.set.name == set.name { elements[place] = nil }
      for element in try ruleset.elements(set) { elements[Entry.Place(set: set, key: element.key)] = element }
    }
    return elements.filter { $0.key.set.name == set.name }.map(\.value)
  }

  /// Takes a set for empty that is not there yet.
  mutating func assumeEmpty(_ set: NamedSet) { whole.insert(set.name) }

  /// The element at a place that has been read; in an interval set, the range around it if it was asked for by that key.
  subscript(place: Entry.Place) -> Element? { elements[place] }
}
