public import JSON

/// A network configuration as a plugin gets it on its standard input, with a valid name and a version that we speak.
///
/// What only some plugins use is decoded when they ask, so that nobody pays for, or fails on, what does not concern them.
public struct NetworkConfiguration {
  /// The version of the CNI specification that input and output follow.
  public let version: CNIVersion
  /// The network's name.
  public let name: String
  /// The plugin's type; empty if the configuration does not say.
  public let type: String
  /// The whole configuration.
  public let fields: ConfigurationObject

  /// Decodes and validates what every configuration has. A missing `cniVersion` means 0.1.0; `supported` are the versions that the plugin accepts.
  public init(_ json: JSONObject, supported: ClosedRange<CNIVersion> = CNIVersion.supported) throws(CNIError) {
    fields = ConfigurationObject(json)
    name = try fields.string("name") ?? ""
    if name.isEmpty { throw CNIError(.invalidConfiguration, "missing network name") }
    guard Identifier.isValid(name) else {
      throw CNIError(.invalidConfiguration, "invalid characters found in network name", details: name)
    }
    let number = try fields.string("cniVersion") ?? CNIVersion.v010.description
    guard let version = CNIVersion(number), supported.contains(version) else {
      let spoken = CNIVersion.allCases.filter { supported.contains($0) }.map { "\"\($0)\"" }.joined(separator: " ")
      throw CNIError(
        .incompatibleVersion, "incompatible CNI versions",
        details: "config is \(JSONValue.string(number).excerpt), plugin supports [\(spoken)]")
    }
    self.version = version
    type = try fields.string("type") ?? ""
  }

  /// Parses a configuration from its text.
  public init(parsing text: [UInt8], supported: ClosedRange<CNIVersion> = CNIVersion.supported) throws(CNIError) {
    let json: JSONValue
    do { json = try JSONValue(parsing: text) } catch {
      throw CNIError(.decoding, "error unmarshall network config: \(error)")
    }
    guard case .object(let object) = json else {
      throw CNIError(.decoding, "error unmarshall network config: expected an object, got \(json.kind)")
    }
    try self.init(object, supported: supported)
  }

  /// The result of the plugins before this one, decoded in the configuration's version; nil if there is none.
  public func previousResult() throws(CNIError) -> CNIResult? {
    guard let object = try fields.object("prevResult") else { return nil }
    return try CNIResult(object, version: version)
  }

  /// What the runtime adds for declared capabilities; without members if absent.
  public func runtimeConfig() throws(CNIError) -> ConfigurationObject {
    try fields.object("runtimeConfig") ?? ConfigurationObject(JSONObject(), path: "runtimeConfig")
  }

  /// `args.cni`, the arguments that replace CNI_ARGS; without members if absent.
  public func arguments() throws(CNIError) -> ConfigurationObject {
    try fields.object("args")?.object("cni") ?? ConfigurationObject(JSONObject(), path: "args.cni")
  }

  /// The resolver settings of the network; a part that is absent stays nil.
  public func dns() throws(CNIError) -> DNSConfiguration {
    guard let object = try fields.object("dns") else { return DNSConfiguration() }
    return try DNSConfiguration(object)
  }

  /// The `ipam` section; nil if absent.
  public func ipam() throws(CNIError) -> ConfigurationObject? { try fields.object("ipam") }

  /// The type of the IPAM plugin; nil if the network has none.
  public func ipamType() throws(CNIError) -> String? { try ipam()?.string("type") }

  /// The attachments that GC must leave alone. A runtime that lists none wants everything removed.
  public func validAttachments() throws(CNIError) -> Set<Attachment> {
    var attachments: Set<Attachment> = []
    // The first key is the specification's; the common library also sends the second, which an early draft named.
    for key in ["cni.dev/valid-attachments", "cni.dev/attachments"] {
      for entry in try fields.objects(key) ?? [] {
        attachments.insert(
          Attachment(network: name, containerID: try entry.string("containerID") ?? "", interfaceName: try entry.string("ifname") ?? ""))
      }
    }
    return attachments
  }
}
