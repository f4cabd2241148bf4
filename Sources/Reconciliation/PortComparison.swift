internal import Addresses
internal import BridgePlugin
internal import CNI
internal import HostRules
internal import InterfaceSetup
internal import IPAM
internal import Netlink
internal import Routing

/// Compares the host's side of an attachment with what it is to be.
struct PortComparison {
  let intent: AttachmentIntent
  let host: HostState
  private(set) var differences: [Difference] = []
  /// The host's end of the link, if it is there.
  private(set) var port: Link?

  init(_ intent: AttachmentIntent, _ inside: Link?, _ host: HostState) throws {
    self.intent = intent
    self.host = host
    if let bridge = intent.bridge { try compare(bridge, inside) }
    // A DEL removes the link first, and then the lease.
    if inside != nil { try compareLeases() }
  }

  private mutating func note(_ what: String, _ intended: String, _ actual: String, isShared: Bool = false, _ remedy: Remedy) {
    differences.append(Difference(intent.attachment, what, intended: intended, actual: actual, isShared: isShared, remedy))
  }

  private func change(_ link: Link, _ step: Remedy.Step, _ describe: (inout LinkChange) -> Void) -> Remedy {
    .host(step, .change(.index(link.index), describe))
  }

  private mutating func compare(_ wanted: BridgeIntent, _ inside: Link?) throws {
    guard let bridge = host.link(named: wanted.bridge), bridge.bridge != nil else {
      return note(
        "bridge \(wanted.bridge)", "present", host.link(named: wanted.bridge) == nil ? "missing" : "another kind of link", isShared: true,
        .none("the containers of this network must be attached again"))
    }
    if !bridge.isUp { note("state of bridge \(bridge.name)", "up", "down", isShared: true, change(bridge, .bridge) { $0.isUp = true }) }
    if bridge.flags.contains(.promiscuous) != wanted.isPromiscuous {
      note(
        "promiscuous mode of bridge \(bridge.name)", onOff(wanted.isPromiscuous), onOff(!wanted.isPromiscuous), isShared: true,
        change(bridge, .bridge) { $0.isPromiscuous = wanted.isPromiscuous })
    }
    let present = host.addresses(of: bridge).map(\.address)
    for gateway in wanted.gateways where !present.contains(gateway) {
      note(
        "address of bridge \(bridge.name)", "\(gateway)", "missing", isShared: true,
        .host(.bridge, .newAddress(InterfaceAddress(gateway, linkIndex: bridge.index))))
    }
    for (family, path) in [(IPAddress.Family.v4, "ipv4/ip_forward"), (.v6, "ipv6/conf/all/forwarding")] {
      guard wanted.gateways.contains(where: { $0.family == family }), let found = host.parameter(path), found != "1" else { continue }
      note(
        "sysctl net.\(path.split(separator: "/").joined(separator: "."))", "1", found, isShared: true,
        .parameter(path: path, value: "1", isInside: false))
    }
    guard let inside else { return }
    guard let port = inside.linkIndex.flatMap({ host.link(index: $0) }), port.linkIndex == inside.index else {
      return note(
        "host's end of \(inside.name)", intent.hostInterfaceName ?? "present", "missing",
        .none("the link is gone: the container must be attached again"))
    }
    self.port = port
    if port.masterIndex != bridge.index {
      let master = port.masterIndex.flatMap { host.link(index: $0)?.name } ?? "none"
      note("bridge of \(port.name)", bridge.name, master, change(port, .port) { $0.masterIndex = bridge.index })
    }
    if !port.isUp { note("state of \(port.name)", "up", "down", change(port, .up) { $0.isUp = true }) }
    // A port that has left its bridge comes back without flags.
    let flags = port.masterIndex == bridge.index ? port.port : nil
    for (what, isWanted, actual, set) in [
      ("hairpin mode", wanted.hasHairpin, flags?.hairpin ?? false, \LinkChange.portHairpin),
      ("isolation", intent.isIsolated, flags?.isolated ?? false, \LinkChange.portIsolated),
    ] where isWanted != actual {
      note("\(what) of \(port.name)", onOff(isWanted), onOff(actual), change(port, .interface) { $0[keyPath: set] = isWanted })
    }
    guard let vlans = wanted.vlans else { return }
    let found = host.vlans[port.index] ?? []
    for vlan in vlans where !found.contains(where: { $0.first == vlan.first && $0.isNative == vlan.isNative }) {
      note(
        "VLAN \(vlan.first) of \(port.name)", vlan.isNative ? "native" : "tagged", "missing",
        .host(.interface, .addVLANs([vlan], portIndex: port.index)))
    }
  }

  private mutating func compareLeases() throws {
    guard let leases = intent.leases else { return }
    let owner = LeaseOwner(containerID: intent.attachment.containerID, ifname: intent.attachment.interfaceName)
    for address in leases.addresses where try !LeaseStore.isLeased(address, to: owner, in: leases.folder) {
      let holder = try LeaseStore.holder(of: address, in: leases.folder)
      note(
        "reservation of \(address)", "\(owner.containerID) \(owner.ifname ?? "")",
        holder.map { "\($0.containerID) \($0.ifname ?? "")" } ?? "missing",
        holder == nil
          ? .lease(folder: leases.folder, address: address.description, content: owner.content)
          : .none("another container has the address reserved"))
    }
  }

  /// Whether our plugins have made the attachment: what makes it sensible to look for its rules in our table.
  func isOurs(_ records: [Owner: [Concern]]) -> Bool {
    if records[Owner(intent.attachment)] != nil { return true }
    guard let port else { return false }
    return port.alias == intent.attachment.description || HostInterface.names(for: intent.attachment).contains(port.name)
  }
}
