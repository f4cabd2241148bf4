/// Numbers of CPUs or memory nodes, as `0-2,4`.
struct NumberList: Equatable {
  let ranges: [ClosedRange<UInt16>]

  /// Reads a list that is not empty.
  init?(_ text: String) {
    var ranges: [ClosedRange<UInt16>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
      guard ends.count <= 2, ends.allSatisfy({ $0.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } }),
        let first = UInt16(ends[0]), let last = UInt16(ends[ends.count - 1]), first <= last
      else { return nil }
      ranges.append(first...last)
    }
    self.ranges = ranges
  }

  func isSubset(of other: NumberList) -> Bool {
    ranges.allSatisfy { range in range.allSatisfy { number in other.ranges.contains { $0.contains(number) } } }
  }
}
