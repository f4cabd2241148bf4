internal import Addresses
internal import BridgePlugin
internal import CNI
internal import InterfaceSetup
internal import Netlink
internal import Routing

/// Compares the container's side of an attachment with what it is to be.
struct InterfaceComparison {
  let intent: AttachmentIntent
  let state: ContainerState
  private(set) var differences: [Difference] = []
  /// The interface inside, if it is there.
  private(set) var link: Link?

  init(_ intent: AttachmentIntent, _ state: ContainerState) {
    self.intent = intent
    self.state = state
    guard let wanted = intent.interface else { return }
    guard let link = state.links.first(where: { $0.name == wanted.name }) else {
      note("interface \(wanted.name)", "present", "missing", .none("the link is gone: the container must be attached again"))
      return
    }
    self.link = link
    compareProperties(link, wanted)
    compareAddresses(link)
    compareRoutes(link)
    compareParameters()
  }

  private mutating func note(_ what: String, _ intended: String, _ actual: String, _ remedy: Remedy) {
    differences.append(Difference(intent.attachment, what, intended: intended, actual: actual, remedy))
  }

  private func change(_ link: Link, _ step: Remedy.Step, _ describe: (inout LinkChange) -> Void) -> Remedy {
    .inside(step, .change(.index(link.index), describe))
  }

  private mutating func compareProperties(_ link: Link, _ wanted: ResultInterface) {
    let name = link.name, mac = intent.link.macAddress ?? wanted.macAddress, mtu = intent.link.mtu ?? wanted.mtu.map { UInt32($0) }
    if let mac, mac != link.macAddress {
      note("MAC address of \(name)", "\(mac)", link.macAddress.map { "\($0)" } ?? "none", change(link, .interface) { $0.macAddress = mac })
    }
    if let mtu, mtu != link.mtu { note("MTU of \(name)", "\(mtu)", "\(link.mtu)", change(link, .interface) { $0.mtu = mtu }) }
    let isUp = !(intent.bridge?.leavesInterfaceDown ?? false)
    if isUp != link.isUp {
      note("state of \(name)", isUp ? "up" : "down", link.isUp ? "up" : "down", change(link, .up) { $0.isUp = isUp })
    }
    for (what, wanted, actual, set) in [
      ("promiscuous mode", intent.link.isPromiscuous, link.flags.contains(.promiscuous), \LinkChange.isPromiscuous),
      ("all multicast", intent.link.receivesAllMulticast, link.flags.contains(.allMulticast), \LinkChange.receivesAllMulticast),
    ] {
      guard let wanted, wanted != actual else { continue }
      note("\(what) of \(name)", onOff(wanted), onOff(actual), change(link, .interface) { $0[keyPath: set] = wanted })
    }
    if let length = intent.link.transmitQueueLength, length != link.transmitQueueLength {
      note(
        "transmit queue of \(name)", "\(length)", "\(link.transmitQueueLength)",
        change(link, .interface) { $0.transmitQueueLength = length })
    }
  }

  private mutating func compareAddresses(_ link: Link) {
    let present = state.addresses.filter { $0.linkIndex == link.index }
    for wanted in intent.addresses {
      if let found = present.first(where: { $0.address == wanted.address }) {
        if found.isDuplicate {
          note("address of \(link.name)", "\(wanted.address)", "a duplicate: another host has it", .none("the other host must give it up"))
        }
        continue
      }
      let other = present.first { $0.address.address == wanted.address.address }.map { "\($0.address)" }
      let address = InterfaceAddress(wanted.address, linkIndex: link.index)
      note(
        "address of \(link.name)", "\(wanted.address)", other ?? "missing",
        .inside(.address, .newAddress(address, withoutDetection: true)))
    }
    let intended = Set(intent.addresses.map(\.address))
    // Others add addresses of their own (SLAAC, a second network): only one of our own address in another network is wrong.
    for extra in present where !intended.contains(extra.address) && intended.contains(where: { $0.address == extra.address.address }) {
      note("address of \(link.name)", "missing", "\(extra.address)", .inside(.interface, .deleteAddress(extra)))
    }
  }

  private mutating func compareRoutes(_ link: Link) {
    let present = state.addresses.filter { $0.linkIndex == link.index }.map(\.address)
    for address in intent.addresses.map(\.address) {
      // The kernel makes the route to an address's network with the address, and the loopback's for a host's own.
      if address.prefixLength == address.family.bitCount || !present.contains(address) || !link.isUp { continue }
      var route = Route(to: address.network, linkIndex: link.index)
      route.origin = 2
      if address.family == .v4 { route.source = address.address } else { route.priority = 256 }
      compare(route, link)
    }
    let routes =
      ((try? intent.result.installedRoutes(linkIndex: link.index)) ?? [])
      + intent.routes.map { route in
        var route = route
        route.hops = [Route.Hop(gateway: route.gateway, linkIndex: link.index, isOnLink: true)]
        return route
      }
    for route in routes { compare(route, link) }
  }

  private mutating func compare(_ route: Route, _ link: Link) {
    if route.destination.prefixLength == route.destination.family.bitCount && route.gateway == nil { return }
    let same = state.routes.filter { $0.destination == route.destination && $0.table == route.table }
    let hops = same.flatMap(\.hops)
    let isThere = route.hops.allSatisfy { wanted in
      hops.contains { $0.linkIndex == link.index && (wanted.gateway == nil || $0.gateway == wanted.gateway) }
    }
    if isThere && !hops.isEmpty { return }
    let text = { (hops: [Route.Hop]) in hops.map { $0.gateway.map { "via \($0)" } ?? "on the link" }.joined(separator: " and ") }
    let name =
      route.destination.prefixLength == 0
      ? "default route (\(route.destination.family == .v4 ? "IPv4" : "IPv6"))" : "route to \(route.destination)"
    note(
      "\(name)\(route.table == 254 ? "" : " in table \(route.table)")", text(route.hops), hops.isEmpty ? "missing" : text(hops),
      .inside(.route, .newRoute(route)))
  }

  private mutating func compareParameters() {
    for (path, value) in intent.wantedParameters {
      guard let found = state.parameters[path] else { continue }
      let words = { (text: String) in text.split { $0 == " " || $0 == "\t" || $0 == "\n" } }
      if words(found) == words(value) { continue }
      note(
        "sysctl net.\(path.split(separator: "/").joined(separator: "."))", value, found,
        .parameter(path: path, value: value, isInside: true))
    }
  }
}

/// `on`, `off`
func onOff(_ value: Bool) -> String { value ? "on" : "off" }

extension AttachmentIntent {
  /// The parameters that are compared: those of the tuning plugin, and IPv6 being there at all where the container has such an address.
  var wantedParameters: [(path: String, value: String)] {
    guard addresses.contains(where: { $0.address.family == .v6 }) else { return parameters }
    let path = "ipv6/conf/\(attachment.interfaceName)/disable_ipv6"
    return parameters.contains { $0.path == path } ? parameters : parameters + [(path, "0")]
  }
}
