import CLinux
import Glibc
import Linux

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

    /// Whether the container has a user of this number.
    func has(_ id: UInt32) -> Bool { container <= id && id - container < count }

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

  /// 65536 users that are nobody else on the host: from 1879048192 on, which systemd's division of all numbers leaves unused
  /// (https://systemd.io/UIDS-GIDS/).
  public static var ofNobody: UserMapping {
    let range = Range(container: 0, host: 1_879_048_192, count: 65536)
    return UserMapping(users: [range], groups: [range])
  }

  /// Whether this process is in the first user namespace, whose IDs are those on disks.
  public static let isHost = own("uid_map").map { [$0.container, $0.host, $0.count] } == [[0, 0, UInt32.max]]

  /// Whether this process's user namespace has a group of that number.
  static func knowsGroup(_ id: UInt32) -> Bool { own("gid_map").contains { $0.has(id) } }

  /// The ranges of this process's own user namespace.
  private static func own(_ name: String) -> [Range] {
    guard let map = try? FileSystem.read("/proc/self/\(name)") else { return [] }
    return String(decoding: map, as: UTF8.self).split(separator: "\n").compactMap { line in
      let numbers = line.split(separator: " ").compactMap { UInt32($0) }
      return numbers.count == 3 ? Range(container: numbers[0], host: numbers[1], count: numbers[2]) : nil
    }
  }
}
