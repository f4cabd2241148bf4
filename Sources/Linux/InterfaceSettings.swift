/// The settings of interfaces in one network namespace: `net.ipv4.conf` and `net.ipv6.conf` of sysctl(8).
///
/// Without IPv6 in the kernel its settings are silently skipped.
public struct InterfaceSettings: ~Copyable {
  private let ipv4: SysctlFolder
  private let ipv6: SysctlFolder?

  /// Opens the folders of the network namespace that the calling thread is in.
  public init() throws(SystemError) {
    let ipv4 = try SysctlFolder("ipv4/conf")
    let ipv6 = try SysctlFolder.ifPresent("ipv6/conf")
    self.ipv4 = ipv4
    self.ipv6 = ipv6
  }

  /// Sets an IPv4 setting of an interface: `arp_notify`.
  public func setIPv4(_ interface: String, _ setting: String, _ value: String) throws(SystemError) {
    try ipv4.write("\(interface)/\(setting)", value)
  }

  /// Sets an IPv6 setting of an interface unless it has the value already: `accept_ra`.
  public func setIPv6(_ interface: String, _ setting: String, _ value: String) throws(SystemError) {
    switch ipv6 {
    case .some(let folder): try folder.ensure("\(interface)/\(setting)", value)
    case .none: break
    }
  }
}
