import JSON
import Linux
import TestSupport
import Testing

@Suite("host-local's costs", .networkNamespace)
struct CostTests {
  @Test("ADD and DEL make as many system calls at 2 000 leases as at one", arguments: ["10.0.0.0/16", "fd00::/64"])
  func flat(subnet: String) throws {
    let folder = try HostLocal(), runner = try PluginRunner(), container = try TestNamespace()
    let network = folder.configuration(["subnet": .string(subnet)]).with("type", "host-local")
    _ = try folder.add(network, id: "first")
    /// The system calls of ADD, and of DEL with its result.
    func calls() throws -> [Int] {
      var configuration = network
      return try ["ADD", "DEL"].map { command in
        let output = try runner.runTraced(command, configuration, in: container, options: [], log: "/run/trace")
        #expect(output.status == 0, "\(output)")
        if command == "ADD" { configuration = configuration.with("prevResult", try output.json) }
        return try SystemCallTrace(file: "/run/trace").calls.drop { !$0.line.contains(folder.dataFolder) }.count { $0.name != "brk" }
      }
    }
    let few = try calls()
    for number in 0..<2000 { _ = try folder.add(network, id: "other\(number)") }
    let many = try calls()
    print("host-local, system calls of ADD and DEL in \(subnet): \(few) at 1 lease, \(many) at 2 001")
    #expect(few == many)
    #expect(few[0] < 60 && few[1] < 40)
  }

  @Test("a full range is told, and its last free address found, by one look at the folder")
  func nearlyFull() throws {
    let folder = try HostLocal(), runner = try PluginRunner(), container = try TestNamespace()
    let network = folder.configuration(["subnet": "10.0.0.0/16", "rangeStart": "10.0.0.2", "rangeEnd": "10.0.7.209"])
      .with("type", "host-local")
    for number in 0..<2000 { _ = try folder.add(network, id: "other\(number)") }
    for status in [1, 0] as [Int32] {
      let output = try runner.runTraced("ADD", network, in: container, options: [], log: "/run/trace")
      #expect(output.status == status, "\(output)")
      #expect(try SystemCallTrace(file: "/run/trace").calls.drop { !$0.line.contains(folder.dataFolder) }.count < 100)
      try folder.expect("DEL", network, id: "other1234")
    }
  }
}
