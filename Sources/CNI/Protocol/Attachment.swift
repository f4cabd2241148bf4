/// What a runtime adds, checks and deletes: one interface of one container in one network. Two attachments are the same exactly if all three names are.
public struct Attachment: Hashable, Sendable {
  /// The network's name; without a slash.
  public let network: String
  /// The container's ID; without a slash.
  public let containerID: String
  /// The interface's name inside the container; without a slash.
  public let interfaceName: String

  /// Joins the three names, which nobody checks here.
  public init(network: String, containerID: String, interfaceName: String) {
    self.network = network
    self.containerID = containerID
    self.interfaceName = interfaceName
  }
}

extension Attachment: LosslessStringConvertible {
  /// `network/containerID/interfaceName`: the text by which kernel objects say whose they are.
  public var description: String { "\(network)/\(containerID)/\(interfaceName)" }

  /// The attachment that `description` wrote; nil for any other text.
  public init?(_ description: String) {
    let parts = description.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
    guard parts.count == 3, Identifier.isValid(parts[0]), Identifier.isValid(parts[1]), InterfaceName.isValid(parts[2]) else { return nil }
    self.init(network: parts[0], containerID: parts[1], interfaceName: parts[2])
  }
}
