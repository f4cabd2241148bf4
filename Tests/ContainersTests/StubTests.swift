import Linux
import TestSupport
import Testing

@Suite("The stub")
struct StubTests {
  @Test("its code refers to nothing outside of its section, however it is compiled", arguments: ["-O0", "-O2", "-O3", "-Os"])
  func selfContained(optimisation: String) throws {
    let sources = FileSystem.folder(of: #filePath) + "/../../Sources/CContainer", object = "/tmp/berth-stub\(optimisation).o"
    defer { _ = try? FileSystem.remove(object) }
    try Command.run("clang \(optimisation) -c -I\(sources)/include \(sources)/stub.c -o \(object)")
    let relocations = try Command.run("readelf -rW \(object)").text.split(separator: "Relocation section ")
    let own = try #require(relocations.first { $0.hasPrefix("'.relacinit_stub'") }).split(separator: "\n").filter { $0.contains(" R_") }
    #expect(own.filter { !$0.contains("cinit_stub_main") } == [])
    #expect(own.count == 1)
  }
}
