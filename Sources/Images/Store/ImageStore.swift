/// The images of one root: unpacked layers, configurations and names below `ROOT/images`.
///
/// Everything becomes visible in one step and whole; whoever is killed leaves only what the next command removes. Commands that run at once
/// wait for each other where they must.
public struct ImageStore: Sendable {
  /// `ROOT/images`
  public let folder: String

  /// The store below a root folder, which need not exist yet.
  public init(root: String) { folder = "\(root)/images" }
}
