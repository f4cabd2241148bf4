import Glibc
import Linux
import TestSupport
import Testing

@Suite("what `make demo` and `make demo-overlay` show", .networkNamespace)
struct DemoTests {
  @Test("a published port is reached from everywhere, and all of it goes")
  func demo() throws {
    let output = try run("run")
    #expect(output.text.contains("Hello from container web"))
    #expect(output.text.contains("nothing is left: no link, no address, no rule, no mount, no file"))
  }

  @Test("the containers of three hosts fetch from each other, also after one was killed, and the map shows them")
  func overlay() throws {
    let text = try run("overlay").text
    let lines = text.split(separator: "\n")
    for (client, server) in [(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)] {
      #expect(lines.contains { $0.hasPrefix("  web\(client) -> web\(server) (") && $0.hasSuffix("Hello from host \(server)") })
    }
    let map = text.components(between: "The map", and: "What is on the wire")
    #expect(map.contains("web1  berth") && map.contains("192.0.2.2  VXLAN peer") && map.contains("192.0.2.3  VXLAN peer"), "\(map)")
    #expect(text.contains("put back what somebody had removed or changed") && text.contains("the same network"))
    #expect(text.contains("OTV, flags [I]"))
  }

  /// Runs a demonstration with the programs under test, in a folder that it does not cover by mounts of its own.
  private func run(_ name: String) throws -> Command.Output {
    let plugins = try PluginRunner(newFolder: "/etc/programs"), products = PluginRunner.productFolder
    for program in ["berth", "netctl", "overlayd"] {
      guard symlink("\(products)/\(program)", "\(plugins.folder)/\(program)") == 0 else { throw SystemError(.last, "link \(program)") }
    }
    let script = FileSystem.folder(of: FileSystem.folder(of: FileSystem.folder(of: #filePath))) + "/demo/\(name)"
    let output = try Command.attempt(["sh", "-c", "cd /etc && exec \(script) programs"])
    #expect(output.status == 0, "\(output)")
    return output
  }
}

extension String {
  /// The part between two texts; empty if either is missing.
  fileprivate func components(between start: String, and end: String) -> Substring {
    guard let from = firstRange(of: start), let to = self[from.upperBound...].firstRange(of: end) else { return "" }
    return self[from.upperBound..<to.lowerBound]
  }
}
