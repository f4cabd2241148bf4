public import CNI
import HostRules
import InterfaceSetup

extension PortmapPlugin {
  /// Compares the rules, this attachment's elements and the way from 127.0.0.1 with what ADD makes.
  public func check(_ request: PluginRequest) throws {
    guard let result = try request.configuration.previousResult() else {
      throw CNIError(.invalidConfiguration, "Required prevResult missing")
    }
    if configuration.mappings.isEmpty { return }
    var rules = try HostRules()
    let owner = Owner(request.attachment)
    var publication = try publication(result, request)
    // Where ports may be left out, the record says which.
    if configuration.toleratesConflicts, let recorded = try recorded(owner, rules) { publication = recorded }
    if publication.ports.isEmpty { return }
    var faults = try rules.verify([.publication(publication)], of: owner)
    if let fault = try LocalEntrance(publication).fault() { faults.append(fault) }
    guard let first = faults.first else { return }
    throw CNIError(.other, first, details: faults.dropFirst().prefix(20).joined(separator: "; "))
  }
}
