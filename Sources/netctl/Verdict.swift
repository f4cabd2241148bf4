/// How a command ended: the exit status. Thrown where it is not `fine` and everything has been said.
enum Verdict: Int32, Error {
  /// Nothing to find.
  case fine = 0
  /// Something is wrong, and was said.
  case finding = 1
  /// The command line makes no sense.
  case usage = 2
  /// It cannot be told, for want of rights or of something to look at.
  case unknown = 3
}

/// What keeps a command from its work: one sentence.
struct Problem: Error, CustomStringConvertible {
  let description: String
  let verdict: Verdict

  init(_ description: String, _ verdict: Verdict = .unknown) {
    self.description = description
    self.verdict = verdict
  }
}
