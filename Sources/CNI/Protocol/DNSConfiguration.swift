public import JSON

/// Where a container resolves names: `dns` of a configuration or a result.
///
/// A list that is given but empty differs from one that is absent: the former replaces what IPAM says.
public struct DNSConfiguration: Equatable, Sendable {
  /// Addresses of name servers, as text.
  public var nameservers: [String]?
  /// The local domain.
  public var domain: String?
  /// Search domains, the first tried first.
  public var search: [String]?
  /// resolv.conf(5) options.
  public var options: [String]?

  /// Joins the four parts.
  public init(nameservers: [String]? = nil, domain: String? = nil, search: [String]? = nil, options: [String]? = nil) {
    self.nameservers = nameservers
    self.domain = domain
    self.search = search
    self.options = options
  }

  /// Whether any part was given, be it an empty list.
  public var isGiven: Bool { nameservers != nil || domain != nil || search != nil || options != nil }

  /// Whether there is nothing to resolve with.
  public var isEmpty: Bool {
    (nameservers ?? []).isEmpty && (domain ?? "").isEmpty && (search ?? []).isEmpty && (options ?? []).isEmpty
  }
}

extension DNSConfiguration {
  /// Reads the four members of an object.
  public init(_ object: ConfigurationObject) throws(CNIError) {
    self.init(
      nameservers: try object.strings("nameservers"), domain: try object.string("domain"), search: try object.strings("search"),
      options: try object.strings("options"))
  }

  /// The object with the members that are not empty.
  public var json: JSONValue {
    var object = JSONObject()
    func list(_ texts: [String]?) -> JSONValue? {
      guard let texts, !texts.isEmpty else { return nil }
      return .array(texts.map { .string($0) })
    }
    object["nameservers"] = list(nameservers)
    if let domain, !domain.isEmpty { object["domain"] = .string(domain) }
    object["search"] = list(search)
    object["options"] = list(options)
    return .object(object)
  }
}
