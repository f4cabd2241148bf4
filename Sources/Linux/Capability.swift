import CLinux

/// A privilege of a process, capabilities(7).
public enum Capability: Int32, Sendable, CaseIterable {
  /// CAP_NET_ADMIN: links, addresses, routes, packet filters and settings of a network namespace.
  case networkAdministration = 12
  /// CAP_SYS_ADMIN: among much else, entering namespaces.
  case systemAdministration = 21

  /// Its name in capabilities(7).
  public var name: String {
    switch self {
    case .networkAdministration: "CAP_NET_ADMIN"
    case .systemAdministration: "CAP_SYS_ADMIN"
    }
  }

  /// Whether the calling thread has it now, in its own user namespace.
  public func isEffective() throws(SystemError) -> Bool {
    try checked(clinux_has_capability(rawValue), "look up \(name)") == 1
  }
}
