internal import Engine

/// The keys that leave a container without ending it: `ctrl-p,ctrl-q`.
struct DetachKeys {
  private let sequence: [UInt8]
  private var matched = 0

  /// Reads a sequence of letters and `ctrl-X`, separated by commas; the empty text is docker's own.
  init(_ text: String) throws(EngineError) {
    sequence = try (text.isEmpty ? "ctrl-p,ctrl-q" : text).split(separator: ",", omittingEmptySubsequences: false).map {
      (key) throws(EngineError) -> UInt8 in
      if key.utf8.count == 1, let byte = key.utf8.first { return byte }
      let letter = key.dropFirst(5)
      guard key.hasPrefix("ctrl-"), letter.utf8.count == 1, let byte = letter.utf8.first,
        (64...95).contains(byte) || (97...122).contains(byte)
      else { throw EngineError("Unknown character: '\(key)'", exitCode: 125) }
      return byte & 0x1f
    }
  }

  /// What of the input is for the container, and whether the sequence is complete. A beginning of it is held back until it is known to be none.
  mutating func filter(_ input: ArraySlice<UInt8>) -> (forContainer: [UInt8], detaches: Bool) {
    var result: [UInt8] = []
    for byte in input {
      if byte == sequence[matched] {
        matched += 1
        if matched == sequence.count {
          matched = 0
          return (result, true)
        }
        continue
      }
      result += sequence[..<matched]
      matched = 0
      if byte == sequence[0], sequence.count > 1 { matched = 1 } else { result.append(byte) }
    }
    return (result, false)
  }
}
