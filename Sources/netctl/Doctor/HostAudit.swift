internal import Inspection
internal import Linux

/// What a doctor looks at: a host, and what ails its container networks.
struct HostAudit {
  /// Something that is wrong, and the one thing to do about it.
  struct Finding {
    /// A word for scripts: `forwarding`.
    let topic: String
    let text: String
    let fix: String
  }

  let host: HostView
  private(set) var findings: [Finding] = []
  /// What is worth knowing and harms nobody, or could not be looked at.
  private(set) var notes: [String] = []

  /// Looks at everything. Changes nothing.
  init(_ host: HostView, networks: [LeasedNetwork]) {
    self.host = host
    checkForwarding()
    checkReversePath()
    checkBridgeFilter()
    checkFirewalls()
    checkConntrack()
    checkManagers()
    checkPools(networks)
    checkKernel()
  }

  mutating func find(_ topic: String, _ text: String, fix: String) { findings.append(Finding(topic: topic, text: text, fix: fix)) }

  mutating func note(_ text: String) { notes.append(text) }

  /// The value of a setting below `/proc/sys/net`; nil if this kernel has none of that name.
  func setting(_ path: String) -> String? { (try? SysctlFolder().read(path)) }
}
