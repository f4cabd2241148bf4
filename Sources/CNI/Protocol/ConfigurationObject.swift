public import Addresses
public import JSON

/// The members of a configuration object by their names, which match without regard to case.
///
/// Everywhere null is the same as absent, and so is an empty text. A value of the wrong type or an impossible one is a CNI error that names
/// the whole path.
public struct ConfigurationObject {
  /// The members.
  public let json: JSONObject
  private let place: ConfigurationPlace
  /// Where the object stands: `ipam`, empty for the configuration itself.
  public var path: String { place.path }

  /// Joins an object and its place.
  public init(_ json: JSONObject, path: String = "") { self.init(json, ConfigurationPlace(path: path)) }

  init(_ json: JSONObject, _ place: ConfigurationPlace) {
    self.json = json
    self.place = place
  }

  /// The full path of a member.
  public func path(of key: String) -> String { place.member(key).path }

  /// A member; nil if it is absent or null.
  public func value(_ key: String) -> ConfigurationValue? {
    guard let value = json[key], value != .null else { return nil }
    return ConfigurationValue(value, place.member(key))
  }

  /// A text; nil if absent or empty.
  public func string(_ key: String) throws(CNIError) -> String? {
    guard let text = try value(key)?.string(), !text.isEmpty else { return nil }
    return text
  }

  /// A truth value; nil if absent.
  public func bool(_ key: String) throws(CNIError) -> Bool? { try value(key)?.bool() }

  /// A truth value; false if absent.
  public func flag(_ key: String) throws(CNIError) -> Bool { try bool(key) ?? false }

  /// A number in the range; nil if absent.
  public func integer(_ key: String, in range: ClosedRange<Int> = Int.min...Int.max) throws(CNIError) -> Int? {
    try value(key)?.integer(in: range)
  }

  /// A list; nil if absent.
  public func list(_ key: String) throws(CNIError) -> [ConfigurationValue]? { try value(key)?.list() }

  /// A list of texts; nil if absent.
  public func strings(_ key: String) throws(CNIError) -> [String]? {
    guard let elements = try list(key) else { return nil }
    var texts: [String] = []
    for element in elements { texts.append(try element.string()) }
    return texts
  }

  /// A list of objects; nil if absent.
  public func objects(_ key: String) throws(CNIError) -> [ConfigurationObject]? {
    guard let elements = try list(key) else { return nil }
    var objects: [ConfigurationObject] = []
    for element in elements { objects.append(try element.object()) }
    return objects
  }

  /// An object; nil if absent.
  public func object(_ key: String) throws(CNIError) -> ConfigurationObject? { try value(key)?.object() }

  /// An IPv4 or IPv6 address; nil if absent or empty.
  public func address(_ key: String) throws(CNIError) -> IPAddress? { try text(key)?.address() }

  /// An address with a prefix length; nil if absent or empty.
  public func subnet(_ key: String) throws(CNIError) -> Subnet? { try text(key)?.subnet() }

  /// An Ethernet address; nil if absent or empty.
  public func mac(_ key: String) throws(CNIError) -> MACAddress? { try text(key)?.mac() }

  /// A member whose type is right or wrong, but which is not the empty text.
  private func text(_ key: String) -> ConfigurationValue? {
    guard let value = value(key), value.json != .string("") else { return nil }
    return value
  }
}
