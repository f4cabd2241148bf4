/// How files are copied between a container and the machine.
public struct CopyOptions: OptionSet, Sendable {
  /// The bits.
  public let rawValue: Int

  /// Makes options of their bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// `-a`: owners stay what they are; else what is copied into a container belongs to root and what is copied out to the caller.
  public static let keepsOwners = CopyOptions(rawValue: 1)
  /// `-L`: a symbolic link at the source's end is followed.
  public static let followsLink = CopyOptions(rawValue: 2)
}
