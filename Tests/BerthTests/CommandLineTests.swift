import TestSupport
import Testing

@Suite("the command line", .networkNamespace)
struct CommandLineTests {
  @Test("a flag that does not exist is refused with docker's exit code")
  func unknownFlag() throws {
    let berth = try Berth()
    #expect(try berth.attempt(["ps", "--nonsense"]).status == 125)
  }
}
