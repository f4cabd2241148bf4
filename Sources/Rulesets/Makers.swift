import NFTables

/// Which program makes tables and chains of such names.
enum Makers {
  static func maker(table: Table, chain: String) -> String? {
    if table.family == .inet && table.name == "swift_cni" { return "ours" }
    if let maker = byTable[table.name] { return maker }
    return byPrefix.first { chain.hasPrefix($0.prefix) }?.maker
  }

  private static let byTable = [
    "firewalld": "firewalld", "firewalld_policy_drop": "firewalld", "netavark": "podman", "cni_hostport": "cni",
    "cni_plugins_masquerade": "cni", "libvirt_network": "libvirt", "docker-bridges": "docker",
  ]

  private static let byPrefix: [(prefix: String, maker: String)] = [
    ("DOCKER", "docker"), ("NETAVARK", "podman"), ("ufw", "ufw"), ("CNI-", "cni"), ("LIBVIRT", "libvirt"), ("KUBE-", "kubernetes"),
    ("FLANNEL", "flannel"), ("IN_", "firewalld"), ("FWD", "firewalld"),
  ]
}
