public import JSON

/// What a runtime wants attached to a network, and what it passes to the plugins.
public struct AttachmentRequest: Equatable, Sendable {
  /// The container's ID.
  public var containerID: String
  /// The interface's name inside the container.
  public var interfaceName: String
  /// The path of the container's network namespace; empty on DEL when it is gone.
  public var networkNamespacePath: String
  /// CNI_ARGS, in order. Deprecated by the specification; `conventions` takes its place.
  public var arguments: [Argument] = []
  /// Values for capabilities; each plugin gets those that it declares, as `runtimeConfig`.
  public var capabilityValues = JSONObject()
  /// Values that every plugin gets as `args.cni`: labels, ips.
  public var conventions = JSONObject()

  /// One pair of CNI_ARGS.
  public struct Argument: Equatable, Sendable {
    /// The name, without "=" and ";".
    public let name: String
    /// The value, without "=" and ";".
    public let value: String

    /// Joins a name and a value.
    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Names an attachment without arguments.
  public init(containerID: String, interfaceName: String, networkNamespacePath: String) {
    self.containerID = containerID
    self.interfaceName = interfaceName
    self.networkNamespacePath = networkNamespacePath
  }

  /// The attachment in a network; throws code 4 for a container ID or an interface name that cannot be.
  func attachment(in network: String) throws(CNIError) -> Attachment {
    guard Identifier.isValid(containerID) else {
      throw CNIError(.invalidEnvironment, "invalid characters in containerID", details: containerID)
    }
    if let fault = InterfaceName.fault(in: interfaceName) { throw CNIError(.invalidEnvironment, fault.message, details: fault.details) }
    for argument in arguments where "\(argument.name)\(argument.value)".contains(where: { $0 == ";" || $0 == "=" }) {
      throw CNIError(.invalidEnvironment, "ARGS: invalid pair \(JSONValue.string("\(argument.name)=\(argument.value)").excerpt)")
    }
    return Attachment(network: network, containerID: containerID, interfaceName: interfaceName)
  }
}
