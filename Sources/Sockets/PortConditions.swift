import CLinux

/// The source ports that are asked for, and the kernel's little program that compares them (`struct inet_diag_bc_op` in `linux/inet_diag.h`).
///
/// An operation is a code, the distance to the next one if it holds, and the distance if it does not. Reaching the program's end accepts
/// the socket, four bytes past it refuses.
struct PortConditions {
  /// More than this is not worth a program; the ports in between are then sorted out by `contain`.
  private static let limit = 64

  private let ranges: [ClosedRange<UInt16>]

  /// Joins ranges that touch or overlap.
  init(_ ranges: [ClosedRange<UInt16>]) {
    var joined: [ClosedRange<UInt16>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = joined.last, Int(range.lowerBound) <= Int(last.upperBound) + 1 {
        joined[joined.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        joined.append(range)
      }
    }
    self.ranges = joined
  }

  /// Whether the port is asked for.
  func contain(_ port: UInt16) -> Bool {
    // The first range that starts above the port follows the only one that can hold it.
    var low = 0, high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound <= port { low = middle + 1 } else { high = middle }
    }
    return low > 0 && ranges[low - 1].contains(port)
  }

  /// The program; nil if all ports are asked for.
  var program: [UInt8]? {
    var ranges = self.ranges
    guard let first = ranges.first, let last = ranges.last, ranges != [0...UInt16.max] else { return nil }
    if ranges.count > PortConditions.limit { ranges = [first.lowerBound...last.upperBound] }
    // Per range: at least (8 bytes), at most (8), and but for the last one a jump to the end (4).
    let total = ranges.count * 20 - 4
    var program: [UInt8] = []
    for (position, range) in ranges.enumerated() {
      // What does not hold goes on with the next range; after the last one that place lies four bytes past the end. A comparison keeps
      // its port in the distance of a second operation.
      PortConditions.append(INET_DIAG_BC_S_GE, yes: 8, no: 20, to: &program)
      PortConditions.append(INET_DIAG_BC_NOP, yes: 0, no: range.lowerBound, to: &program)
      PortConditions.append(INET_DIAG_BC_S_LE, yes: 8, no: 12, to: &program)
      PortConditions.append(INET_DIAG_BC_NOP, yes: 0, no: range.upperBound, to: &program)
      if position < ranges.count - 1 {
        PortConditions.append(INET_DIAG_BC_JMP, yes: 4, no: UInt16(total - program.count), to: &program)
      }
    }
    return program
  }

  private static func append(_ code: Int, yes: UInt8, no: UInt16, to program: inout [UInt8]) {
    program.append(UInt8(code))
    program.append(yes)
    // The number's own bytes, in host byte order.
    unsafe withUnsafeBytes(of: no) { unsafe program.append(contentsOf: $0) }
  }
}
