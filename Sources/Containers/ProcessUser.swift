/// Whom a process in a container runs as.
public struct ProcessUser: Sendable, Equatable {
  /// `user[:group]`, each a name or a number; empty is root. Names are looked up in the container's own /etc/passwd and /etc/group, once its
  /// root is in place.
  public var name: String
  /// Groups it is in besides, by name or number (`--group-add`).
  public var additionalGroups: [String]

  /// A user by docker's notation.
  public init(_ name: String = "", additionalGroups: [String] = []) {
    self.name = name
    self.additionalGroups = additionalGroups
  }
}
