public import CNI
public import HostRules
public import Routing

extension FirewallPlugin {
  /// What the host's rules do for an attachment with this result, and the routes that its container needs besides the result's.
  public func intent(_ result: CNIResult) throws -> (concerns: [Concern], routes: [Route]) {
    guard let isolation = try isolation(result) else { return ([], []) }
    let links = links(result)
    return ([.isolation(isolation)] + (links.map { [.links($0)] } ?? []), links == nil ? [] : FirewallPlugin.routes(result))
  }
}
