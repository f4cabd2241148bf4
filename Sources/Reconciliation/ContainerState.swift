internal import Addresses
internal import Linux
internal import Routing

/// A container's network as it is: one listing of each kind, whatever is asked of it.
struct ContainerState {
  /// Why it could not be read; nil if it could.
  let problem: String?
  private(set) var links: [Link] = []
  private(set) var addresses: [InterfaceAddress] = []
  private(set) var routes: [Route] = []
  private(set) var parameters: [String: String] = [:]

  /// Reads a namespace, and the values of some parameters below `/proc/sys/net`.
  init(path: String, parameters names: Set<String>, families: Set<IPAddress.Family>) {
    do {
      let namespace = try NetworkNamespace(path: path)
      let (links, addresses, routes, values) = try namespace.inside {
        var socket = try RouteSocket()
        var routes: [Route] = []
        for family in IPAddress.Family.allCases where families.contains(family) { routes += try socket.routes(family, table: nil) }
        var values: [String: String] = [:]
        if !names.isEmpty {
          let folder = try SysctlFolder()
          for name in names { values[name] = try? folder.read(name) }
        }
        return (try socket.links(), try socket.addresses(), routes, values)
      }
      (self.links, self.addresses, self.routes, parameters) = (links, addresses, routes, values)
      problem = nil
    } catch { problem = "\(error)" }
  }
}
