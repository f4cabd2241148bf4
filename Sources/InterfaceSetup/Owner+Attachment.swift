public import CNI
public import HostRules

extension Owner {
  /// The owner of an attachment's rules.
  public init(_ attachment: Attachment) {
    self.init(network: attachment.network, containerID: attachment.containerID, interfaceName: attachment.interfaceName)
  }
}
