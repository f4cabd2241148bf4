import CLinux
import Glibc

/// Which users and groups of the host those of a container are, user_namespaces(7).
public struct UserMapping: Sendable, Equatable {
  /// Consecutive IDs of the container and the host's that they are.
  public struct Range: Sendable, Equatable {
    /// The first ID in the container.
    public let container: UInt32
    /// The first ID of the host.
    public let host: UInt32
    /// How many.
    public let count: UInt32

    /// Maps `count` IDs.
    public init(container: UInt32, host: UInt32, count: UInt32) {
      self.container = container
      self.host = host
      self.count = count
    }

    /// What root of the container is on the host, if it is in this range.
    var hostOfRoot: UInt32? { container == 0 && count > 0 ? host : nil }

    var line: String { "\(container) \(host) \(count)\n" }
  }

  /// The users.
  public var users: [Range]
  /// The groups.
  public var groups: [Range]

  /// Maps users and groups.
  public init(users: [Range], groups: [Range]) {
    self.users = users
    self.groups = groups
  }

  /// Root of the container is the user who asks, and there are no others: what an ordinary user may do without help.
  public static var ofCaller: UserMapping {
    UserMapping(
      users: [Range(container: 0, host: geteuid(), count: 1)], groups: [Range(container: 0, host: getegid(), count: 1)])
  }
}
