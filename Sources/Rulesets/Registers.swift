/// The sixteen words that the expressions of a rule hand values on in. A byte is nil where its value is not known.
struct Registers {
  private var bytes = [UInt8?](repeating: nil, count: 96)

  mutating func write(_ value: [UInt8?], at word: Int) {
    for (position, byte) in value.enumerated() where bytes.indices.contains(word * 4 + position) { bytes[word * 4 + position] = byte }
    // The kernel clears the rest of the last word.
    var end = value.count
    while end % 4 != 0 {
      if bytes.indices.contains(word * 4 + end) { bytes[word * 4 + end] = 0 }
      end += 1
    }
  }

  mutating func forget(_ word: Int, _ count: Int) { write([UInt8?](repeating: nil, count: count), at: word) }

  func read(_ word: Int, _ count: Int) -> [UInt8?] {
    (0..<count).map { bytes.indices.contains(word * 4 + $0) ? bytes[word * 4 + $0] : nil }
  }

  /// All bytes, if all are known.
  func known(_ word: Int, _ count: Int) -> [UInt8]? {
    let value = read(word, count).compactMap { $0 }
    return value.count == count ? value : nil
  }
}
