internal import Addresses
internal import Routing

/// What is said of a link in a picture.
enum DeviceFacts {
  /// A link that has a place of its own.
  static func of(_ link: Link, _ host: HostView, _ place: Int) -> [String] {
    var facts = host.namespaces[place].addresses(of: link).map { "\($0.address)" }
    if let vlan = link.vlan { facts.append("VLAN \(vlan)") }
    if let vxlan = link.vxlan {
      if let identifier = vxlan.identifier { facts.append("VNI \(identifier)") }
      if let local = vxlan.local { facts.append("from \(local)") }
      if let port = vxlan.port { facts.append("UDP port \(port)") }
    }
    let below = link.vxlan?.linkIndex ?? (link.kind == "veth" ? nil : link.linkNamespaceID == nil ? link.linkIndex : nil)
    if let below, below != link.index, let parent = host.link(below, in: place) { facts.append("on \(parent.name)") }
    if link.bridge?.filtersVLANs == true { facts.append("keeps VLANs apart") }
    if link.mtu != 1500 { facts.append("MTU \(link.mtu)") }
    return facts
  }

  /// A container's interface in one line.
  static func line(_ link: Link, _ namespace: NamespaceView) -> String {
    let addresses = namespace.addresses(of: link).map { "\($0.address)" }
    let kind = link.kind == "veth" || link.kind == nil ? [] : [link.kind ?? ""]
    return ([link.name] + kind + addresses + (link.mtu == 1500 ? [] : ["MTU \(link.mtu)"])).joined(separator: " ")
  }
}
