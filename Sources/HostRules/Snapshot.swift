import NFTables

/// What is in the kernel at some places, read a few requests at a time or, where many of one set are wanted, as a whole.
struct Snapshot {
  private var elements = [[Fields: Element]](repeating: [:], count: SetID.allCases.count)
  private var asked = [Set<Fields>](repeating: [], count: SetID.allCases.count)
  private var whole: Set<SetID> = []
  /// Places that count as empty.
  private let hidden: Set<Entry.Place>

  /// Knows nothing yet. Some places may count as empty, whatever is there.
  init(hiding hidden: Set<Entry.Place> = []) { self.hidden = hidden }

  /// Above this number of keys, a set is read as a whole: a request costs about as much as three elements of a list.
  static let manyKeys = 256

  /// Reads the elements at places that have not been read yet.
  mutating func read(_ places: [Entry.Place], from ruleset: inout Ruleset) throws {
    var missing: [SetID: [Fields]] = [:]
    for place in places where !whole.contains(place.set) && asked[place.set.rawValue].insert(place.key).inserted {
      missing[place.set, default: []].append(place.key)
    }
    var single: [(SetID, Fields)] = []
    for (set, keys) in missing {
      if keys.count > Snapshot.manyKeys { try read(set, from: &ruleset) } else { single += keys.map { (set, $0) } }
    }
    for ((set, key), element) in zip(single, try ruleset.elements(single.map { ($0.1, $0.0.definition) })) {
      if let element, hidden.isEmpty || !hidden.contains(Entry.Place(set: set, key: element.key)) { elements[set.rawValue][key] = element }
    }
  }

  /// Reads all elements of a set; answers them.
  @discardableResult
  mutating func read(_ set: SetID, from ruleset: inout Ruleset) throws -> [Element] {
    if whole.insert(set).inserted {
      var found = try ruleset.elements(set.definition)
      if !hidden.isEmpty { found.removeAll { hidden.contains(Entry.Place(set: set, key: $0.key)) } }
      elements[set.rawValue] = Dictionary(found.map { ($0.key, $0) }) { first, _ in first }
    }
    return Array(elements[set.rawValue].values)
  }

  /// Takes a set for empty that is not there yet.
  mutating func assumeEmpty(_ set: SetID) { whole.insert(set) }

  /// The element at a place that has been read; in an interval set, the range around it if it was asked for by that key.
  subscript(place: Entry.Place) -> Element? { elements[place.set.rawValue][place.key] }
}
