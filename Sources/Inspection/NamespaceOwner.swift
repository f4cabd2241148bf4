/// Who made a network namespace, as far as its processes and its names tell.
public struct NamespaceOwner: Hashable, Sendable {
  /// What kind of program it was.
  public enum Kind: String, Sendable, CaseIterable {
    /// The host itself.
    case host
    /// berth, our reference runtime.
    case berth
    case podman
    case docker
    case containerd
    case crio = "cri-o"
    case libvirt
    /// A runtime that we do not know, but that has attached the namespace by CNI.
    case cni
    /// Nobody but a person or a script: a name in /run/netns, or only processes.
    case bare
  }

  /// What made it.
  public let kind: Kind
  /// The container's ID in its runtime; nil if it has none.
  public let id: String?
  /// The name that people know it by; nil if it has none.
  public let name: String?

  /// Describes an owner.
  public init(_ kind: Kind, id: String? = nil, name: String? = nil) {
    self.kind = kind
    self.id = id
    self.name = name
  }
}
