/// Makes identifiers and names for new containers.
public enum ContainerIdentifier {
  /// 64 random hexadecimal digits. The first twelve are never all decimal, so that a short ID is no number.
  public static func random() -> String {
    while true {
      let id = randomBytes(32).map { digit($0 >> 4) + digit($0 & 15) }.joined()
      if id.utf8.prefix(12).contains(where: { $0 > 57 }) { return id }
    }
  }

  /// A name such as `brisk_lovelace`; with a number behind it after the first tries.
  public static func randomName(attempt: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    let adjective = adjectives.randomElement(using: &generator) ?? "", surname = surnames.randomElement(using: &generator) ?? ""
    return "\(adjective)_\(surname)" + (attempt < 3 ? "" : "\(Int.random(in: 0...999, using: &generator))")
  }

  private static func randomBytes(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  private static func digit(_ value: UInt8) -> String { String(value, radix: 16) }

  private static let adjectives = [
    "able", "agile", "amber", "apt", "bold", "brave", "bright", "brisk", "calm", "candid", "careful", "clear", "clever", "cosy", "deft",
    "eager", "earnest", "fair", "fleet", "fond", "frank", "gentle", "glad", "golden", "happy", "hardy", "honest", "humble", "jolly", "keen",
    "kind", "lively", "loyal", "lucid", "merry", "mild", "modest", "neat", "noble", "patient", "plucky", "polite", "proud", "quick",
    "quiet",
    "ready", "serene", "sharp", "sincere", "steady", "sunny", "swift", "tender", "tidy", "tranquil", "true", "upbeat", "valiant", "vivid",
    "warm", "wise", "witty", "zealous", "zesty",
  ]
  private static let surnames = [
    "abel", "agnesi", "ampere", "archimedes", "babbage", "bardeen", "bernoulli", "bohr", "boole", "borg", "cantor", "carson", "cerf",
    "chandra",
    "church", "curie", "darwin", "dijkstra", "einstein", "engelbart", "euler", "faraday", "fermat", "fermi", "feynman", "franklin",
    "galileo",
    "galois", "gauss", "germain", "godel", "goodall", "hamilton", "hawking", "hertz", "hopper", "huygens", "hypatia", "johnson", "kepler",
    "knuth", "kowalevski", "lagrange", "lamarr", "leavitt", "liskov", "lovelace", "maxwell", "mayer", "mcclintock", "meitner", "mendel",
    "moore", "napier", "newton", "nightingale", "noether", "pascal", "pasteur", "perlman", "planck", "poincare", "ramanujan", "ritchie",
    "rosalind", "sagan", "shannon", "stallman", "tesla", "thompson", "torvalds", "turing", "volta", "wiles", "wozniak", "wu",
  ]
}
