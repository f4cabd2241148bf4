/// One fact of a walk, one line for a person.
public struct Step: Hashable, Sendable {
  /// How it looks.
  public enum Mark: String, Sendable {
    /// As it must be.
    case fine
    /// Nothing to judge.
    case neutral
    /// Here it ends.
    case bad
    /// It could not be seen.
    case unknown
  }

  /// Where: `host`, or the container's name.
  public let place: String
  /// What is looked at: `route`, `firewall`, `bridge`…
  public let subject: String
  /// The fact.
  public let text: String
  /// How it looks.
  public let mark: Mark

  /// Describes a fact.
  public init(_ place: String, _ subject: String, _ text: String, _ mark: Mark = .fine) {
    self.place = place
    self.subject = subject
    self.text = text
    self.mark = mark
  }
}
