/// The members of a JSON object in their order. Names match without regard to the case of ASCII letters, as runtimes written in Go expect.
public struct JSONObject: Equatable, Sendable {
  /// One named value.
  public struct Member: Equatable, Sendable {
    /// The name as written.
    public let name: String
    /// The value.
    public var value: JSONValue
  }

  /// All members in their order.
  public private(set) var members: [Member]

  /// An object without members.
  public init() { members = [] }

  /// An object with the given members in their order; a repeated name keeps its last value.
  public init(_ members: [(String, JSONValue)]) {
    self.members = []
    for (name, value) in members { self[name] = value }
  }

  /// An object with members that are known to have different names.
  init(distinct members: [(String, JSONValue)]) { self.members = members.map { Member(name: $0.0, value: $0.1) } }

  /// The member with exactly this name, else the last one whose name differs only in the case of ASCII letters.
  ///
  /// Assigning replaces the member that reading finds, under the name given; assigning nil removes it.
  public subscript(name: String) -> JSONValue? {
    get { position(of: name).map { members[$0].value } }
    set {
      switch (position(of: name), newValue) {
      case (let position?, let value?): members[position] = Member(name: name, value: value)
      case (let position?, nil): members.remove(at: position)
      case (nil, let value?): members.append(Member(name: name, value: value))
      case (nil, nil): break
      }
    }
  }

  private func position(of name: String) -> Int? {
    members.firstIndex { $0.name == name } ?? members.lastIndex { JSONObject.equal($0.name, name) }
  }

  private static func equal(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && zip(left.utf8, right.utf8).allSatisfy { lowercased($0) == lowercased($1) }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
  }
}
