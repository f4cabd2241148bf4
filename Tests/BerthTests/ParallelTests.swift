import Linux
import TestSupport
import Testing

@Suite("many at once", .networkNamespace)
struct ParallelTests {
  @Test("50 runs with published ports at once all succeed, each with an address of its own, and leave nothing when removed at once")
  func runs() throws {
    let berth = try Berth(), place = try OwnCgroup(), names = (0..<50).map { "web\($0)" }
    func together(_ words: (Int) -> [String]) throws -> [Int32] {
      let commands = try names.indices.map { try BackgroundCommand(place.prefix + berth.prefix + words($0)) }
      return commands.map { $0.wait() }
    }
    func start(_ number: Int) -> [String] {
      ["run", "-d", "--name", names[number], "-p", "\(8000 + number):80", "--rootfs", berth.rootfs, "httpd", "-f", "-h", "/www"]
    }
    // The bridge, the rules and the folders that stay.
    #expect(try BackgroundCommand(place.prefix + berth.prefix + start(0)).wait() == 0)
    try berth("rm", "-f", names[0])
    let before = try berth.world() + place.folders()
    let started = try together(start)
    #expect(started == [Int32](repeating: 0, count: 50))
    let addresses = try berth.run(["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"] + names)
    #expect(Set(addresses.split(separator: "\n")).count == 50)
    for number in names.indices { #expect(try berth.fetch("http://127.0.0.1:\(8000 + number)/index.html") == "hello\n") }
    #expect(try together { ["rm", "-f", names[$0]] } == [Int32](repeating: 0, count: 50))
    #expect(try Set(berth.world() + place.folders()).symmetricDifference(before).isEmpty)
  }
}
