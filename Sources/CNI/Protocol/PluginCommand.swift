/// What a runtime asks a plugin to do: the values of CNI_COMMAND.
public enum PluginCommand: String, CaseIterable, Sendable {
  /// Attach a container.
  case add = "ADD"
  /// Undo an attachment; succeeds if there is nothing to undo.
  case delete = "DEL"
  /// Verify an attachment.
  case check = "CHECK"
  /// Say whether an ADD could succeed.
  case status = "STATUS"
  /// Remove whatever belongs to no attachment that is still valid.
  case collectGarbage = "GC"
  /// Say which versions of the specification are spoken.
  case version = "VERSION"

  /// Whether the command concerns one attachment, not the whole network.
  public var hasAttachment: Bool { self == .add || self == .delete || self == .check }

  /// The environment variables that must be set, in the order in which messages list them.
  var requiredVariables: [String] {
    switch self {
    case .add, .check: ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_PATH"]
    case .delete: ["CNI_CONTAINERID", "CNI_IFNAME", "CNI_PATH"]
    case .status, .collectGarbage: ["CNI_PATH"]
    case .version: []
    }
  }

  /// The version of the specification that introduced the command.
  var firstVersion: CNIVersion {
    switch self {
    case .add, .delete, .version: .v010
    case .check: .v040
    case .status, .collectGarbage: .v110
    }
  }
}
