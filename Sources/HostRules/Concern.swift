public import Addresses

/// What the host's rules do for one attachment, in one respect. Each is added, recorded, checked and removed by itself.
public enum Concern: Hashable, Sendable {
  /// The kinds of concern.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Masquerade of what a container sends out of its own network.
    case masquerade
    /// Published ports.
    case publication
    /// Ingress policy.
    case isolation
    /// Who may be asked although containers are kept apart.
    case links
    /// The check of source addresses on a bridge port.
    case spoofCheck = "spoof-check"
  }

  /// What the container's addresses send out of their own networks leaves with the host's address, multicast excepted.
  case masquerade([Subnet])
  /// Published ports.
  case publication(Publication)
  /// An ingress policy.
  case isolation(Isolation)
  /// Links to other containers, where the ingress policy keeps them apart.
  case links(Links)
  /// A check of source addresses on a bridge port.
  case spoofCheck(SpoofCheck)

  /// Its kind.
  public var kind: Kind {
    switch self {
    case .masquerade: .masquerade
    case .publication: .publication
    case .isolation: .isolation
    case .links: .links
    case .spoofCheck: .spoofCheck
    }
  }
}
