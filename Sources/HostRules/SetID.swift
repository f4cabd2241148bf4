import Addresses
import NFTables

/// One of the sets and maps of our table: a small number, since elements are handled by the thousand.
enum SetID: Int, Hashable, CaseIterable {
  case published4, published6, publishedAt4, publishedAt6, publishedRange4, publishedRange6, publishedRangeAt4, publishedRangeAt6
  case conditional4, conditional6
  case hairpin4, hairpin6, beside4, beside6
  case singleAddressPorts
  case masqueradeFrom4, masqueradeFrom6, inside4, inside6
  case isolatedBridges, sameBridge, attached
  case linked4, linked6

  static func published(_ family: IPAddress.Family) -> SetID { family == .v4 ? published4 : published6 }
  static func publishedAt(_ family: IPAddress.Family) -> SetID { family == .v4 ? publishedAt4 : publishedAt6 }
  static func publishedRange(_ family: IPAddress.Family) -> SetID { family == .v4 ? publishedRange4 : publishedRange6 }
  static func publishedRangeAt(_ family: IPAddress.Family) -> SetID { family == .v4 ? publishedRangeAt4 : publishedRangeAt6 }
  static func conditional(_ family: IPAddress.Family) -> SetID { family == .v4 ? conditional4 : conditional6 }
  static func hairpin(_ family: IPAddress.Family) -> SetID { family == .v4 ? hairpin4 : hairpin6 }
  static func beside(_ family: IPAddress.Family) -> SetID { family == .v4 ? beside4 : beside6 }
  static func masqueradeFrom(_ family: IPAddress.Family) -> SetID { family == .v4 ? masqueradeFrom4 : masqueradeFrom6 }
  static func inside(_ family: IPAddress.Family) -> SetID { family == .v4 ? inside4 : inside6 }
  static func linked(_ family: IPAddress.Family) -> SetID { family == .v4 ? linked4 : linked6 }

  /// The maps of links.
  static let links: [SetID] = [linked4, linked6]

  /// The sets with the elements of one kind of concern, those that attachments share left out, and those of links, which are always looked at as a
  /// whole.
  static func owned(_ kind: Concern.Kind) -> [SetID] {
    switch kind {
    case .masquerade: [masqueradeFrom4, masqueradeFrom6, inside4, inside6]
    case .publication:
      [
        published4, published6, publishedAt4, publishedAt6, publishedRange4, publishedRange6, publishedRangeAt4, publishedRangeAt6,
        conditional4, conditional6, hairpin4, hairpin6, beside4, beside6,
      ]
    case .isolation: [attached]
    case .links, .spoofCheck: []
    }
  }

  /// The set as it is created.
  var definition: NamedSet { SetID.definitions[rawValue] }

  /// Its name.
  var name: String { definition.name }

  private static let definitions = allCases.map { Schema.definition($0) }
}
