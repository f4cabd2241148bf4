public import Linux
public import Routing
public import WireGuard

/// One network namespace as it was when the host was read.
public struct NamespaceView: Sendable {
  /// What makes two files name the same namespace.
  public let identity: FileIdentity
  /// Files that name it, those in /run/netns first.
  public let paths: [String]
  /// The processes in it that we could see, in the order of their numbers.
  public let processes: [Int32]
  /// Who made it.
  public let owner: NamespaceOwner
  /// How long it has been there, in seconds: as long as its oldest process or its oldest name; nil if there is neither.
  public let age: Int?
  /// Its links, with what has passed them.
  public let links: [Link]
  /// The addresses of its links.
  public let addresses: [InterfaceAddress]
  /// The forwarding tables of its bridges and VXLAN devices; empty where there is no VXLAN device.
  public let forwarding: [Neighbor]
  /// The permanent neighbours behind its VXLAN devices.
  public let tunnelNeighbors: [Neighbor]
  /// The routes to other hosts' containers that overlayd has made.
  public let overlayRoutes: [Route]
  /// Its WireGuard devices with their peers; empty without the right to read them.
  public let wireGuardDevices: [WireGuardState]
  /// Why links and addresses could not be read.
  public let problem: String?

  /// A file that leads to the namespace; nil if there is none any more.
  public var path: String? { paths.first ?? processes.first.map { "/proc/\($0)/ns/net" } }

  /// What people call it: the owner's name, else the beginning of its ID, else a process or the number of the file.
  public var title: String {
    owner.name ?? owner.id.map { String($0.prefix(12)) } ?? processes.first.map { "pid \($0)" } ?? "net:[\(identity.inode)]"
  }

  /// The links that lead somewhere: all but the loopback interface and the ends that the kernel makes in every namespace for tunnels.
  public var interfaces: [Link] {
    links.filter { !$0.flags.contains(.loopback) && !($0.kind.map { NamespaceView.fallbackKinds.contains($0) } ?? false && !$0.isUp) }
  }

  private static let fallbackKinds: Set<String> = [
    "gre", "gretap", "erspan", "ipip", "sit", "ip6tnl", "ip6gre", "ip6gretap", "vti", "vti6",
  ]

  /// The addresses of a link that other hosts may use.
  public func addresses(of link: Link) -> [InterfaceAddress] {
    addresses.filter { $0.linkIndex == link.index && $0.scope != NamespaceView.linkScope }
  }

  /// RT_SCOPE_LINK: addresses that are good for the next wire only.
  private static var linkScope: UInt8 { 253 }
}
