public import Addresses
public import JSON

/// A JSON value together with its place, so that whatever is wrong with it can be said exactly.
///
/// A value of the wrong type is a CNI error with code 6, an impossible one with code 7; both name the path, the value and what was expected.
public struct ConfigurationValue {
  /// The value.
  public let json: JSONValue
  private let place: ConfigurationPlace
  /// Where it stands: `ipam.ranges[0][1].subnet`.
  public var path: String { place.path }

  /// Joins a value and its place.
  public init(_ json: JSONValue, path: String) { self.init(json, ConfigurationPlace(path: path)) }

  init(_ json: JSONValue, _ place: ConfigurationPlace) {
    self.json = json
    self.place = place
  }

  /// The error for a value that has the right type but cannot be: code 7.
  public func invalid(expected: String) -> CNIError { CNIError(field: path, expected: expected, got: json) }

  /// The error for a value of the wrong type: code 6.
  public func wrongType(expected: String) -> CNIError { CNIError(field: path, expected: expected, gotType: json) }

  /// The text.
  public func string() throws(CNIError) -> String {
    guard case .string(let text) = json else { throw wrongType(expected: "a string") }
    return text
  }

  /// The truth value.
  public func bool() throws(CNIError) -> Bool {
    guard case .bool(let value) = json else { throw wrongType(expected: "true or false") }
    return value
  }

  /// The number, which must lie in `range`. A whole number written as a fraction (1e3, 4294967296.0) counts, because runtimes written in Go
  /// keep numbers as floating point.
  public func integer(in range: ClosedRange<Int> = Int.min...Int.max) throws(CNIError) -> Int {
    let number: Int
    switch json {
    case .integer(let value): number = Int(value)
    case .real(let value):
      guard let whole = Int(exactly: value) else { throw wrongType(expected: "an integer") }
      number = whole
    default: throw wrongType(expected: "an integer")
    }
    guard range.contains(number) else { throw invalid(expected: "\(range.lowerBound) to \(range.upperBound)") }
    return number
  }

  /// The elements, each with its place.
  public func list() throws(CNIError) -> [ConfigurationValue] {
    guard case .array(let elements) = json else { throw wrongType(expected: "an array") }
    return zip(elements, place.elements(elements.count)).map { ConfigurationValue($0, $1) }
  }

  /// The members.
  public func object() throws(CNIError) -> ConfigurationObject {
    guard case .object(let members) = json else { throw wrongType(expected: "an object") }
    return ConfigurationObject(members, place)
  }

  /// The IPv4 or IPv6 address. An IPv4 address dressed as IPv6 (::ffff:10.0.0.1) is refused: nothing could tell which family is meant.
  public func address() throws(CNIError) -> IPAddress {
    guard let address = IPAddress(try string()) else { throw invalid(expected: "an IPv4 or IPv6 address") }
    if address.isIPv4Mapped { throw invalid(expected: "an IPv4 or IPv6 address, none of the one written as the other") }
    return address
  }

  /// The address with its prefix length, `10.1.2.3/24`; host bits stay.
  public func subnet() throws(CNIError) -> Subnet {
    guard let subnet = Subnet(try string()) else { throw invalid(expected: "an address with a prefix length (10.1.2.0/24)") }
    if subnet.address.isIPv4Mapped {
      throw invalid(expected: "an address with a prefix length (10.1.2.0/24), not IPv4 written as IPv6")
    }
    return subnet
  }

  /// The Ethernet address.
  public func mac() throws(CNIError) -> MACAddress {
    guard let mac = MACAddress(try string()) else { throw invalid(expected: "a MAC address (02:00:00:00:00:01)") }
    return mac
  }
}
