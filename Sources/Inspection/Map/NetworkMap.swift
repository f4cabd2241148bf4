/// The picture of a host's container networks, as a tree: the host, what is made on it, and by which wires containers hang on that.
///
/// All texts are as others have chosen them: whoever shows them makes them harmless.
public struct NetworkMap: Sendable {
  /// One thing in the picture.
  public struct Node: Sendable {
    /// What is drawn in different ways.
    public enum Kind: String, Sendable {
      /// The namespace from which everything was read.
      case host
      /// A bridge, a VLAN, a VXLAN device, hardware…
      case link
      /// A container, or another namespace.
      case namespace
      /// Another host, which a tunnel's device or a route of an overlay leads to.
      case remote
      /// What should be there and is not.
      case lost
    }

    /// Names the node in this picture; made of digits and letters that we chose.
    public let id: String
    /// How it is drawn.
    public let kind: Kind
    /// What people call it.
    public let name: String
    /// A link's kind, a namespace's owner.
    public let type: String
    /// What is known of it, a short text each.
    public var facts: [String] = []
    /// The host's ports that lead to it, as `8080->80/tcp`.
    public var ports: [String] = []
    /// What is wrong with it, a sentence each.
    public var problems: [String] = []
    /// What hangs on it.
    public var branches: [Branch] = []

    init(_ id: String, _ kind: Kind, _ name: String, _ type: String) {
      self.id = id
      self.kind = kind
      self.name = name
      self.type = type
    }

    /// The node and everything that hangs on it.
    public var all: [Node] { [self] + branches.flatMap { $0.node?.all ?? [] } }
  }

  /// A wire from one node to another.
  public struct Branch: Sendable {
    /// The link at the upper end, if the wire has a name of its own.
    public let wire: String?
    /// What hangs on it; nil if that has its place elsewhere.
    public let node: Node?
    /// The node at the lower end.
    public let target: String
    /// What the lower end is called.
    public let name: String
    /// The interface at the lower end, where that has its place elsewhere.
    public let interface: String?
  }

  /// The host.
  public let root: Node
  /// Namespaces that are joined to nothing that is shown.
  public let loose: [Node]
  /// What could not be read.
  public let hidden: [String]

  /// All nodes.
  public var nodes: [Node] { root.all + loose.flatMap(\.all) }
}
