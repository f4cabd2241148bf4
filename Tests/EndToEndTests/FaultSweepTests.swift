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
      ],
      [
        "type": "portmap",
        "runtimeConfig": [
          "portMappings": [
            ["hostPort": 8080, "containerPort": 80, "protocol": "tcp"],
            ["hostPort": 5353, "containerPort": 53, "protocol": "udp", "hostIP": "127.0.0.1"],
          ]
        ],
      ],
      ["type": "firewall", "ingressPolicy": "same-bridge"],
    ],
  ]

  @Test(
    "the world can be brought back from every point of ADD and DEL", arguments: ["ADD", "DEL"], FaultSweep.Recovery.allCases)
  func sweep(command: String, recovery: FaultSweep.Recovery) throws {
    let report = try FaultSweep(PluginRunner(), list: FaultSweepTests.network).run(command, recoveries: [recovery])
    print("fault sweep: \(report.points) points of \(command), then \(recovery.rawValue): \(report.failures.count) failures")
    #expect(report.points > 100)
    #expect(report.failures.isEmpty, "\(report.failures.prefix(10).joined(separator: "\n"))")
  }
}
