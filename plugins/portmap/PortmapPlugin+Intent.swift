public import CNI
public import HostRules

extension PortmapPlugin {
  /// What an attachment with this result is to have published; nil if that is nothing.
  public func intent(_ request: PluginRequest, _ result: CNIResult) throws -> Publication? {
    if configuration.mappings.isEmpty { return nil }
    let publication = try publication(result, request)
    return publication.ports.isEmpty ? nil : publication
  }
}
