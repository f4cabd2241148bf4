public import JSON
import Linux

/// What a runtime remembers of an attachment: an entry of the result cache.
public struct CachedAttachment: Equatable, Sendable {
  /// The network's name.
  public let network: String
  /// What was asked for.
  public let request: AttachmentRequest
  /// The network list as it was then, as text; empty if the entry does not say.
  public let configuration: [UInt8]
  /// What the last plugin printed on ADD; nil while ADD runs, and when it never came to an end.
  public var result: JSONObject?

  /// Records the intent to attach; there is no result yet.
  public init(network: String, request: AttachmentRequest, configuration: [UInt8]) {
    self.network = network
    self.request = request
    self.configuration = configuration
  }

  /// Whom the entry is about.
  public var attachment: Attachment {
    Attachment(network: network, containerID: request.containerID, interfaceName: request.interfaceName)
  }
}

extension CachedAttachment {
  /// What the common library calls this format.
  static let kind = "cniCacheV1"

  /// Reads an entry; throws code 6 if it is not one.
  init(_ object: ConfigurationObject) throws(CNIError) {
    guard try object.string("kind") == CachedAttachment.kind else {
      throw CNIError(.decoding, "field kind: expected \"\(CachedAttachment.kind)\" in a cached result")
    }
    var request = AttachmentRequest(
      containerID: try object.string("containerId") ?? "", interfaceName: try object.string("ifName") ?? "",
      networkNamespacePath: try object.string("netns") ?? "")
    for pair in try object.list("cniArgs") ?? [] {
      let parts = try pair.list()
      guard parts.count == 2 else { throw pair.invalid(expected: "a name and a value") }
      request.arguments.append(AttachmentRequest.Argument(try parts[0].string(), try parts[1].string()))
    }
    request.capabilityValues = try object.object("capabilityArgs")?.json ?? JSONObject()
    request.conventions = try object.object("conventionArgs")?.json ?? JSONObject()
    guard let configuration = Base64.decode(try object.string("config") ?? "") else {
      throw CNIError(.decoding, "field config: expected base64 text")
    }
    self.init(network: try object.string("networkName") ?? "", request: request, configuration: configuration)
    result = try object.object("result")?.json
  }

  /// An entry of a runtime from before 2019: the bare result, whose file name alone says whose it is.
  init(legacyResult: JSONObject, _ attachment: Attachment) {
    self.init(
      network: attachment.network,
      request: AttachmentRequest(
        containerID: attachment.containerID, interfaceName: attachment.interfaceName, networkNamespacePath: ""),
      configuration: [])
    result = legacyResult
  }

  /// The entry as an object.
  var json: JSONValue {
    var object = JSONObject()
    object["kind"] = .string(CachedAttachment.kind)
    object["containerId"] = .string(request.containerID)
    object["config"] = .string(Base64.encode(configuration))
    object["ifName"] = .string(request.interfaceName)
    object["networkName"] = .string(network)
    if !request.networkNamespacePath.isEmpty { object["netns"] = .string(request.networkNamespacePath) }
    if !request.arguments.isEmpty { object["cniArgs"] = .array(request.arguments.map { .array([.string($0.name), .string($0.value)]) }) }
    if !request.capabilityValues.members.isEmpty { object["capabilityArgs"] = .object(request.capabilityValues) }
    if !request.conventions.members.isEmpty { object["conventionArgs"] = .object(request.conventions) }
    object["result"] = result.map { .object($0) }
    return .object(object)
  }
}
