internal import Addresses
internal import CNI
internal import HostRules
internal import IPAM

/// Something that a container has left which is gone.
public struct Garbage {
  /// What it is.
  public enum Kind: String, Sendable, CaseIterable {
    /// Elements and chains of our table, and their records.
    case rules
    /// A chain, or a rule, of somebody else's table.
    case chain, rule
    /// Tracked connections.
    case connections
    /// A link of the host.
    case link
    /// The intermediate device of the bandwidth plugin.
    case ifb
    /// An address that host-local has reserved.
    case reservation
    /// A name in /run/netns.
    case namespace
    /// A file or a folder.
    case file
    /// A record of the runtimes' result cache.
    case record
  }

  /// What it is.
  public let kind: Kind
  /// Which one.
  public let what: String
  /// Whose it was; nil if it does not say.
  public let owner: String?
  /// How old it is, in seconds; nil if nothing tells.
  public let age: Int?
  /// Why nobody needs it.
  public let reason: String
  /// How it is removed.
  let removal: Removal

  init(_ kind: Kind, _ what: String, owner: String?, age: Int? = nil, reason: String, _ removal: Removal) {
    self.kind = kind
    self.what = what
    self.owner = owner
    self.age = age
    self.reason = reason
    self.removal = removal
  }

  enum Removal {
    case rules(Owner)
    case foreign(ForeignGarbage)
    case connections(IPAddress)
    case link(Int32)
    case lease(folder: String, IPAddress, LeaseOwner?)
    case name(String)
    case file(String)
    case folder(String)
    case record(Attachment)
  }
}
