internal import Inspection
internal import Linux

extension HostAudit {
  /// Programs that configure every interface they see, also the host's ends of veth pairs.
  mutating func checkManagers() {
    checkNetworkd()
    checkNetworkManager()
  }

  /// A veth of ours as managers see it.
  private static let sample = InterfaceMatch.Subject(name: "veth0123abcd", kind: "veth", type: "ether")

  private mutating func checkNetworkd() {
    // systemd-udevd reads link files; systemd-networkd keeps its state below /run/systemd/netif while it runs.
    if let file = HostAudit.firstMatch(".link"), let name = file.values("Link", "Name").last {
      find(
        "udev", "\(file.path) renames veths to \(Terminal.plain(name)): a container's host end is not found under its name any more",
        fix: "add Kind=!veth to [Match] of \(file.path), then udevadm control --reload")
    }
    guard (try? FileSystem.names(in: "/run/systemd/netif")) != nil, let file = HostAudit.firstMatch(".network") else { return }
    if file.values("Link", "Unmanaged").last.map({ ["yes", "true", "1", "on"].contains($0.lowercased()) }) ?? false { return }
    find(
      "networkd",
      "systemd-networkd takes containers' veths for its own by \(file.path): it may change their addresses or take them from their bridge",
      fix: "write [Match] Kind=veth and [Link] Unmanaged=yes into /etc/systemd/network/10-containers.network, then networkctl reload")
  }

  /// The file that such a program takes for a veth: the first one by name that matches.
  private static func firstMatch(_ suffix: String) -> UnitFile? {
    let folders = ["/etc/systemd/network", "/run/systemd/network", "/usr/lib/systemd/network", "/lib/systemd/network"]
    return UnitFile.all(in: folders, suffix: suffix).first { InterfaceMatch.matches($0, sample) }
  }

  private mutating func checkNetworkManager() {
    guard (try? FileSystem.names(in: "/run/NetworkManager")) != nil else { return }
    let rules = ["/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d"].contains { folder in
      let content = ((try? FileSystem.readIfPresent("\(folder)/85-nm-unmanaged.rules")) ?? nil).map { String(decoding: $0, as: UTF8.self) }
      return content?.split(separator: "\n").contains { !$0.hasPrefix("#") && $0.contains("veth") && $0.contains("NM_UNMANAGED") } ?? false
    }
    if rules { return }
    let folders = ["/etc/NetworkManager/conf.d", "/run/NetworkManager/conf.d", "/usr/lib/NetworkManager/conf.d"]
    let files = UnitFile.all(in: folders, suffix: ".conf") + [UnitFile("/etc/NetworkManager/NetworkManager.conf")].compactMap { $0 }
    let unmanaged = files.flatMap { $0.values("keyfile", "unmanaged-devices") }.flatMap { $0.split(whereSeparator: { ";,".contains($0) }) }
    let isLeftAlone = unmanaged.contains { word in
      let word = word.trimmed
      if word == "*" || word == "driver:veth" || word == "type:veth" { return true }
      guard word.hasPrefix("interface-name:") else { return false }
      return InterfaceMatch.glob(String(word.dropFirst(15)).trimmedEquals, HostAudit.sample.name)
    }
    if isLeftAlone { return }
    find(
      "NetworkManager", "NetworkManager takes containers' veths for its own: it may ask for addresses on them by DHCP",
      fix:
        "write [keyfile] and unmanaged-devices=interface-name:veth*;interface-name:cni* into /etc/NetworkManager/conf.d/containers.conf, then "
        + "nmcli general reload")
  }
}

extension StringProtocol {
  /// Without blanks at both ends.
  var trimmed: String { String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()) }

  /// NetworkManager's `=name` stands for the very name.
  fileprivate var trimmedEquals: String { String(drop { $0 == "=" }) }
}
