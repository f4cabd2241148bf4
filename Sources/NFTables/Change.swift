/// One change of a transaction, for naming the one that the kernel refused.
enum Change {
  case table(String, Table)
  case chain(String, Chain)
  case rule(String, Rule)
  case set(String, NamedSet)
  case elements(String, NamedSet, ArraySlice<Element>)

  /// `add element tcp . 8080 to map inet swift_cni published`. `position` says which of the change's elements is meant, if that is known.
  func description(position: Int?) -> String {
    switch self {
    case .table(let verb, let table): return "\(verb) table \(table)"
    case .chain(let verb, let chain): return "\(verb) chain \(chain)"
    case .rule(let verb, let rule): return "\(verb) rule in chain \(rule.chain)" + (rule.comment.map { " (\($0))" } ?? "")
    case .set(let verb, let set): return "\(verb) \(set)"
    case .elements(let verb, let set, let elements):
      let place = verb == "add" ? "to" : "from"
      guard let position, elements.indices.contains(elements.startIndex + position) else {
        return elements.count == 1
          ? "\(verb) element \(text(elements.first, set)) \(place) \(set)" : "\(verb) \(elements.count) elements \(place) \(set)"
      }
      return "\(verb) element \(text(elements[elements.startIndex + position], set)) \(place) \(set)"
    }
  }

  private func text(_ element: Element?, _ set: NamedSet) -> String {
    guard let element else { return "" }
    return element.key.text(set.key) + (element.last.map { " - " + $0.text(set.key) } ?? "")
  }
}
