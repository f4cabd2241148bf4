import Addresses
import Dispatch
import Foundation
import HostRules
import NFTables
import Linux
import Synchronization
import TestSupport
import Testing

@Suite("Host rules changed by many at once", .networkNamespace)
struct ConcurrencyTests {
  /// Runs `body` on eight threads in the test's namespaces, with their numbers; answers what they threw.
  private func atOnce(_ body: @escaping @Sendable (Int) throws -> Void) -> [String] {
    let errors = Mutex<[String]>([]), group = DispatchGroup()
    for number in 0..<8 {
      group.enter()
      // A new thread inherits the namespaces of the one that makes it.
      Thread {
        do { try body(number) } catch { errors.withLock { $0.append("\(number): \(error)") } }
        group.leave()
      }.start()
    }
    group.wait()
    return errors.withLock { $0 }
  }

  private static func add(_ rules: inout HostRules, _ number: Int, _ round: Int) throws -> Owner {
    let owner = Examples.owner("c\(number)-\(round)"), addresses = Examples.subnets("10.1.\(number).\(round)/16")
    let publication = Examples.publication(
      ["tcp \(10_000 + 100 * number + round) 80", "tcp 127.0.0.\(number + 1) \(100 + round) 99"], at: addresses)
    try rules.add([.masquerade(addresses), publication, .isolation(Isolation(.sameBridge, bridge: "br0"))], for: owner)
    return owner
  }

  @Test("all succeed and nothing is left, also where they do not share the lock", arguments: [true, false])
  func succeed(sharingLock: Bool) throws {
    let errors = atOnce { number in
      let folder = sharingLock ? HostRules.defaultFolder : "/run/cni/swift-cni-\(number)"
      var rules = try HostRules(folder: folder)
      for round in 1...20 {
        let owner = try ConcurrencyTests.add(&rules, number, round)
        #expect(try rules.verify(rules.concerns(of: owner), of: owner) == [])
        try rules.remove(of: owner)
      }
    }
    #expect(errors == [])
    var rules = try HostRules()
    #expect(try rules.holdings() == [])
    let forward = try Command.run("nft list chain inet swift_cni forward").text.split(separator: "\n").dropLast(2)
    #expect(forward.count > 5 && Set(forward).count == forward.count)
    #expect(try !FileSystem.isFolder("/run/cni") || FileSystem.names(in: "/run/cni").isEmpty)
  }

  @Test("one of many gets a port that all want, and the others learn who has it")
  func onePort() throws {
    let winners = Mutex<[String]>([]), losers = Mutex<[PortConflict]>([])
    let errors = atOnce { number in
      var rules = try HostRules(folder: "/run/cni/swift-cni-\(number)")
      do {
        let wish = Examples.publication(["tcp 80 80"], at: Examples.subnets("10.1.0.\(number + 1)/24"))
        try rules.add([wish], for: Examples.owner("c\(number)"))
        winners.withLock { $0.append("c\(number)") }
      } catch let error as PortConflict { losers.withLock { $0.append(error) } }
    }
    #expect(errors == [])
    let winner = winners.withLock { $0 }
    #expect(winner.count == 1)
    #expect(losers.withLock { $0.map(\.holder.containerID) } == [String](repeating: winner[0], count: 7))
  }

  @Test("somebody else's flushes in between cost nobody anything that restoring does not bring back")
  func flushes() throws {
    let errors = atOnce { number in
      if number == 0 {
        for _ in 0..<10 { try Command.run("nft flush ruleset") }
        return
      }
      var rules = try HostRules()
      for round in 1...20 {
        let owner = try ConcurrencyTests.add(&rules, number, round)
        if round % 2 == 0 { try rules.remove(of: owner) }
      }
    }
    #expect(errors == [])
    var rules = try HostRules()
    try rules.restore()
    #expect(try rules.restore() == 0)
    for number in 1..<8 {
      for round in 1...20 {
        let owner = Examples.owner("c\(number)-\(round)"), concerns = try rules.concerns(of: owner)
        #expect(concerns.count == (round % 2 == 0 ? 0 : 3))
        #expect(try rules.verify(concerns, of: owner) == [])
      }
    }
    #expect(try rules.collectGarbage(network: "net", keeping: []).count == 70)
    #expect(try rules.holdings() == [])
  }
}
