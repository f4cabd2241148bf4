import Testing

@testable import Sockets

@Suite("Port conditions")
struct PortConditionsTests {
  @Test("one range is two comparisons, as ss(8) writes them")
  func one() {
    // S_GE: next in 8, else in 20, past the end; the port; S_LE: end in 8, else in 12; the port.
    #expect(PortConditions([80...90]).program == [2, 8, 20, 0, 0, 0, 80, 0, 3, 8, 12, 0, 0, 0, 90, 0])
  }

  @Test("several ranges are tried in turn")
  func several() {
    let first: [UInt8] = [2, 8, 20, 0, 0, 0, 1, 0, 3, 8, 12, 0, 0, 0, 1, 0], jump: [UInt8] = [1, 4, 20, 0]
    #expect(PortConditions([3...3, 1...1]).program == first + jump + [2, 8, 20, 0, 0, 0, 3, 0, 3, 8, 12, 0, 0, 0, 3, 0])
  }

  @Test("all ports need no program, and very many ranges are asked for as one")
  func limits() {
    #expect(PortConditions([0...65535]).program == nil)
    #expect(PortConditions([0...99, 100...65535]).program == nil)
    #expect(PortConditions((0..<65).map { UInt16($0 * 2)...UInt16($0 * 2) }).program == PortConditions([0...128]).program)
  }
}
