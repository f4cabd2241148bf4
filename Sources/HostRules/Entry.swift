import Addresses
import NFTables

/// An element with the set or map in which it lies.
struct Entry {
  /// A key in a set: what two entries cannot share.
  struct Place: Hashable {
    let set: SetID
    let key: Fields
  }

  let set: SetID
  let element: Element

  init(_ set: SetID, _ element: Element) {
    self.set = set
    self.element = element
  }

  var place: Place { Place(set: set, key: element.key) }

  /// Whether the kernel's element says the same; how often it matched does not matter.
  func matches(_ other: Element) -> Bool {
    element.key == other.key && element.last == other.last && element.value == other.value && element.comment == other.comment
  }

  /// As nft(8) prints it: `element tcp . 8080 : 10.0.0.5 . 80 of map published`.
  var description: String {
    let set = set.definition
    var text = "element \(element.key.text(set.key))" + (element.last.map { " - " + $0.text(set.key) } ?? "")
    switch (element.value, set.target) {
    case (.fields(let fields), .fields(let types)): text += " : " + fields.text(types)
    case (.verdict(let verdict), _): text += " : \(verdict)"
    default: break
    }
    return text + " of \(set.isMap ? "map" : "set") \(set.name)"
  }
}
