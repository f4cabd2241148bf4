import JSON
import TestSupport
import Testing

@Suite("no leaks, whatever is killed or fails", .networkNamespace)
struct FaultSweepTests {
  private static let network: JSONValue = [
    "cniVersion": "1.1.0", "name": "sweep",
    "plugins": [
      [
        "type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
        "ipam": ["type": "host-local", "subnet": "10.88.0.0/16", "routes": [["dst": "0.0.0.0/0"]]],
      ]
    ],
  ]

  @Test("the world can be brought back from every point of ADD and DEL", arguments: ["ADD", "DEL"])
  func sweep(command: String) throws {
    let report = try FaultSweep(PluginRunner(), list: FaultSweepTests.network).run(command)
    print("fault sweep of \(command): \(report.points) points, \(report.tries) tries, \(report.failures.count) failures")
    #expect(report.points > 20)
    #expect(report.failures.isEmpty, "\(report.failures.prefix(10).joined(separator: "\n"))")
  }
}
