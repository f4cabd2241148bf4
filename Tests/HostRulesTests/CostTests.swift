import Addresses
import Glibc
import HostRules
import Linux
import NFTables
import TestSupport
import Testing

@Suite("What changes of host rules cost", .networkNamespace)
struct CostTests {
  private let web = Examples.subnets("10.1.0.5/24")

  @Test(
    "adding and removing cost the same beside none and beside five thousand published ports",
    arguments: [["tcp 80 80"], ["tcp 127.0.0.1 80 80"], ["tcp 80 80", "udp 90-99 90"], ["tcp 80-89 180"]])
  func flat(ports: [String]) throws {
    let other = try TestNamespace()
    var empty = try HostRules()
    var full = try NetworkNamespace(path: other.path).inside { try HostRules(folder: "/run/cni/full") }
    for number in 0..<50 {
      let address = Examples.subnets("10.2.0.\(number + 1)/24"), first = 10_000 + 100 * number
      try full.add(
        [Examples.publication(["tcp \(first)-\(first + 99) 80"], at: address), .masquerade(address)], for: Examples.owner("c\(number)"))
    }
    let wish = [Examples.publication(ports, at: web), .masquerade(web)], owner = Examples.owner("web")
    var times: [[Double]] = [[], []]
    for _ in 0..<60 {
      times[0].append(
        try CostTests.microseconds {
          try empty.add(wish, for: owner)
          try empty.remove([.publication, .masquerade], of: owner)
        })
      times[1].append(
        try CostTests.microseconds {
          try full.add(wish, for: owner)
          try full.remove([.publication, .masquerade], of: owner)
        })
    }
    let medians = times.map { $0.sorted()[$0.count / 2] }
    // Reading the ports as a whole would cost more than twenty times as much.
    #expect(medians[1] < medians[0] * 2, "\(medians)")
  }

  /// The time that this thread's processor spends on it, the kernel's work included: other tests take none of it.
  private static func microseconds(_ body: () throws -> Void) rethrows -> Double {
    let now = {
      var time = timespec()
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
      return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }
    let start = now()
    try body()
    return now() - start
  }

  @Test("ten thousand equal ports are one element a family, shifted ones go in one transaction, with the ports of a second range")
  func ranges() throws {
    var rules = try HostRules()
    let owner = Examples.owner("web"), addresses = Examples.subnets("10.1.0.5/24", "fd00::5/64")
    // The first time makes the base and the chains for these prefix lengths.
    try rules.add([Examples.publication(["tcp 80 80"], at: addresses)], for: owner)
    let before = try rules.ruleset.generation()
    try rules.add([Examples.publication(["tcp 10000-19999 10000"], at: addresses)], for: owner)
    #expect(try rules.holdings().filter { $0.set.hasPrefix("published") }.count == 2)
    try rules.add([Examples.publication(["tcp 10000-19999 20000", "udp 127.0.0.1 10000-19999 20000"], at: addresses)], for: owner)
    #expect(try rules.holdings().filter { $0.set.hasPrefix("published") }.count == 30_000)
    try rules.remove(of: owner)
    #expect(try rules.holdings() == [])
    #expect(try rules.ruleset.generation() == before + 3)
  }

  @Test("what is there already is not sent again, and a refusal sends nothing")
  func nothingToDo() throws {
    var rules = try HostRules()
    let wish = [Examples.publication(["tcp 80 80"], at: web), .masquerade(web)]
    try rules.add(wish, for: Examples.owner("web"))
    let generation = try rules.ruleset.generation()
    try rules.add(wish, for: Examples.owner("web"))
    #expect(throws: PortConflict.self) { try rules.add(wish, for: Examples.owner("other")) }
    try rules.remove(of: Examples.owner("other"))
    _ = try rules.verify(wish, of: Examples.owner("web"))
    try rules.restore()
    try rules.collectGarbage(network: "net", keeping: [Examples.owner("web")])
    #expect(try rules.ruleset.generation() == generation)
  }
}
