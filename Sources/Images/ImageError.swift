/// Why something with an image or a container's files could not be done: one sentence that names the field, the value and what was expected.
public struct ImageError: Error, Equatable, CustomStringConvertible {
  /// What a caller may want to decide by.
  public enum Kind: Equatable, Sendable {
    /// No image has that name or ID.
    case unknownImage
    /// The text is no name, ID, path or option of the kind that was expected.
    case invalid
    /// A container or another name holds on to it.
    case conflict
    /// An archive or a layout is not what it says it is.
    case badArchive
    /// A path that is not there, or is of the wrong kind.
    case path
  }

  /// What a caller may want to decide by.
  public let kind: Kind
  /// The sentence.
  public let description: String

  /// Describes a failure.
  public init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }
}
