/// The IPv6 settings of interfaces in one network namespace: `net.ipv6.conf` of sysctl(8). IPv4 settings are changed by netlink.
///
/// Without IPv6 in the kernel its settings are silently skipped.
public struct InterfaceSettings: ~Copyable {
  private let ipv6: SysctlFolder?

  /// Opens the folders of the network namespace that the calling thread is in.
  public init() throws(SystemError) {
    ipv6 = try SysctlFolder.ifPresent("ipv6/conf")
  }

  /// Sets an IPv6 setting of an interface unless it has the value already: `accept_ra`.
  public func setIPv6(_ interface: String, _ setting: String, _ value: String) throws(SystemError) {
    switch ipv6 {
    case .some(let folder): try folder.ensure("\(interface)/\(setting)", value)
    case .none: break
    }
  }
}
