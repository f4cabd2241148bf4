/// Why it does not work.
public struct Cause: Hashable, Sendable {
  /// A word for programs: `foreign-firewall`.
  public let kind: String
  /// One sentence for people.
  public let sentence: String
  /// What was seen, one line each; for example what a command prints that shows it.
  public let evidence: [String]
  /// A command that puts it right; nil if only a person can.
  public let fix: String?
  /// What the command does, or what a person has to do.
  public let advice: String

  /// Describes a cause.
  public init(_ kind: String, _ sentence: String, evidence: [String], fix: String?, advice: String) {
    self.kind = kind
    self.sentence = sentence
    self.evidence = evidence
    self.fix = fix
    self.advice = advice
  }
}

extension Cause {
  /// The same, without the fix if one of the names that others have chosen is in it and would mean something else to a shell.
  func guarded(against names: Set<String>) -> Cause {
    guard let fix, names.contains(where: { !$0.isEmpty && fix.contains($0) }) else { return self }
    return Cause(
      kind, sentence, evidence: evidence, fix: nil, advice: "do it by hand: a name in the command could mean something else to a shell")
  }
}

/// Looks for one kind of cause. A new one is a type with this function, and a line in `Diagnosis.diagnosers`.
public protocol Diagnoser {
  /// The cause, if it is there.
  static func cause(_ situation: Situation) -> Cause?
}
