import TestSupport
import Testing

@Suite("no leaks, whatever is killed or fails", .networkNamespace)
struct FaultSweepTests {
  @Test(
    "the world can be brought back from every point of ADD and DEL", arguments: ["ADD", "DEL"], FaultSweep.Recovery.allCases)
  func sweep(command: String, recovery: FaultSweep.Recovery) throws {
    let report = try FaultSweep(PluginRunner(), list: FaultSweep.network).run(command, recoveries: [recovery])
    print("fault sweep: \(report.points) points of \(command), then \(recovery.rawValue): \(report.failures.count) failures")
    #expect(report.points > 100)
    #expect(report.failures.isEmpty, "\(report.failures.prefix(10).joined(separator: "\n"))")
  }
}
