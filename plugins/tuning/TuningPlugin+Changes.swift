import Addresses
import CNI
import Linux
import Netlink
import Routing

/// A parameter that has been set, and what it was before.
struct AppliedSysctl {
  let path: String
  let previous: String?
}

extension TuningPlugin {
  /// The least MTU that IPv6 works with, RFC 8200.
  private static var ipv6MTU: UInt32 { 1280 }

  /// Sets the parameters in the calling thread's network namespace, and tells one by one what has been set.
  func applySysctls(_ applied: inout [AppliedSysctl]) throws {
    let net = try SysctlFolder()
    for setting in configuration.sysctls {
      applied.append(AppliedSysctl(path: setting.path, previous: try setting.apply(net)))
    }
  }

  /// Saves what the interface is like, and then changes it.
  func changeLink(_ request: PluginRequest, _ namespace: borrowing NetworkNamespace, _ result: CNIResult) throws {
    var routes = try namespace.inside { try RouteSocket() }
    let link = try routes.containerLink(request.attachment.interfaceName)
    if let mtu = configuration.link.mtu, mtu < TuningPlugin.ipv6MTU, result.addresses.contains(where: { $0.address.family == .v6 }) {
      Log.warning("\(request.attachment): MTU \(mtu) is too small for IPv6, the kernel takes the IPv6 addresses off the interface")
    }
    let current = SavedSettings(link, try routes.identity(of: link), of: request.attachment, asFarAsIn: configuration.link)
    try SavedSettingsFile(in: configuration.dataFolder, of: request.attachment).save(current)
    try routes.apply(configuration.link, to: link)
  }

  /// Gives the interface its saved properties back, unless it is gone or another one has its name.
  func restore(_ saved: SavedSettings, _ name: String, _ namespace: borrowing NetworkNamespace) throws {
    var routes = try namespace.inside { try RouteSocket() }
    guard let link = try routes.link(named: name), saved.describes(try routes.identity(of: link)) else { return }
    if LinkSettings(of: link, asFarAsIn: saved.settings) != saved.settings { try routes.apply(saved.settings, to: link) }
  }

  /// Takes back what a failed ADD has changed; a second failure is only told, because the first one is the answer.
  func undo(_ applied: [AppliedSysctl], _ request: PluginRequest, _ namespace: borrowing NetworkNamespace) {
    func attempt(_ step: () throws -> Void) {
      do { try step() } catch { Log.warning("cleaning up after a failed ADD of \(request.attachment): \(error)") }
    }
    if !configuration.link.isEmpty { attempt { try delete(request) } }
    if applied.isEmpty { return }
    attempt {
      try namespace.inside {
        let net = try SysctlFolder()
        for sysctl in applied.reversed() {
          if let previous = sysctl.previous { attempt { try net.write(sysctl.path, previous.isEmpty ? "\n" : previous) } }
        }
      }
    }
  }
}

extension RouteSocket {
  /// The container's interface; an error if there is none.
  mutating func containerLink(_ name: String) throws -> Link {
    guard let link = try link(named: name) else { throw CNIError(.other, "interface \(name) does not exist in the container") }
    return link
  }

  /// Gives a link properties, all in one request.
  mutating func apply(_ settings: LinkSettings, to link: Link) throws {
    let change = NetlinkMessage.change(.index(link.index)) { settings.describe(&$0) }
    do { try perform(change) } catch {
      // Some drivers let go of their address only while the interface is down; the address comes first, so nothing has been changed yet.
      guard error.code == .busy, settings.macAddress != nil, link.isUp else { throw error }
      try performWhileDown(change, link)
    }
  }

  /// What tells a link of this socket's namespace from all others.
  func identity(of link: Link) throws(NetlinkError) -> SavedSettings.Identity {
    SavedSettings.Identity(namespace: try networkNamespaceCookie(), index: link.index)
  }
}
