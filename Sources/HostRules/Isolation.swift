/// Who may open connections to a container from other containers' bridges.
public struct Isolation: Hashable, Sendable {
  /// An ingress policy.
  public enum Policy: String, Hashable, Sendable, CaseIterable {
    /// Everybody.
    case open
    /// Only containers at the same bridge; the bridge is closed for those at other bridges that are not open.
    case sameBridge = "same-bridge"
    /// None.
    case isolated
  }

  /// The policy.
  public let policy: Policy
  /// The bridge that the container is connected to, or another link of the host that leads to it.
  public let bridge: String

  /// Describes an ingress policy.
  public init(_ policy: Policy, bridge: String) {
    self.policy = policy
    self.bridge = bridge
  }
}
