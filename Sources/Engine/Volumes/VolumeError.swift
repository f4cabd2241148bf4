/// What cannot be done with a volume: one sentence for the person who asked.
public struct VolumeError: Error, Equatable, CustomStringConvertible {
  /// The sentence, in docker's words where docker has some.
  public let description: String

  /// Makes an error of a sentence.
  public init(_ description: String) { self.description = description }
}
