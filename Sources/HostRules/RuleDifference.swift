import Addresses
import NFTables

/// Something in the table that is not as an attachment, or the table itself, is to have it.
public struct RuleDifference: Hashable, Sendable {
  /// Whose it is; nil for what all attachments share.
  public let owner: Owner?
  /// What is looked at: `map published, tcp . 8080`.
  public let what: String
  /// What is to be there: `10.0.0.5 . 80`, `present`.
  public let intended: String
  /// What is there: `missing`, `10.0.0.9 . 80`.
  public let actual: String

  init(_ owner: Owner?, _ what: String, intended: String = "present", actual: String = "missing") {
    self.owner = owner
    self.what = what
    self.intended = intended
    self.actual = actual
  }

  /// The whole table is missing, with so many elements.
  public init(missingTableWith count: Int) {
    self.init(nil, "table \(Schema.table)", intended: "present with \(count) element\(count == 1 ? "" : "s")")
  }

  /// An element that the attachment whose name it bears does not want.
  init(superfluous entry: Entry, _ owner: Owner) {
    let set = entry.set.definition, key = entry.element.key.text(set.key) + (entry.element.last.map { " - \($0.text(set.key))" } ?? "")
    self.init(owner, "\(set.isMap ? "map" : "set") \(set.name), \(key)", intended: "nothing", actual: entry.value ?? "present")
  }

  /// Compares an element with the kernel's; nil if they say the same.
  init?(_ entry: Entry, _ found: Element?, _ owner: Owner?) {
    if let found, entry.matches(found) { return nil }
    let set = entry.set.definition, key = entry.element.key.text(set.key) + (entry.element.last.map { " - \($0.text(set.key))" } ?? "")
    let wanted = entry.value ?? "present"
    guard let found else {
      self.init(owner, "\(set.isMap ? "map" : "set") \(set.name), \(key)", intended: wanted)
      return
    }
    var actual = Entry(entry.set, found).value ?? "present"
    if found.comment != entry.element.comment { actual += " of \(found.comment ?? "nobody")" }
    if found.last != entry.element.last { actual += " up to \(found.last?.text(set.key) ?? found.key.text(set.key))" }
    self.init(owner, "\(set.isMap ? "map" : "set") \(set.name), \(key)", intended: wanted, actual: actual)
  }
}

extension Entry {
  /// What the key leads to, as nft(8) prints it; nil in a set.
  fileprivate var value: String? {
    switch (element.value, set.definition.target) {
    case (.fields(let fields), .fields(let types)): fields.text(types)
    case (.verdict(let verdict), _): "\(verdict)"
    default: nil
    }
  }
}
